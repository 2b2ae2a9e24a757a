/** Why a filter cannot work on a value. */
export class FilterRefusal extends Error {}
