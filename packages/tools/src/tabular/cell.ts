/** A value of a cell; texts of CSV files are read as what they look like. */
export type Cell = string | number | boolean | null;
