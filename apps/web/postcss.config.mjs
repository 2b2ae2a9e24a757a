const config = { plugins: { "@tailwindcss/postcss": {} } };

// oxlint-disable-next-line import/no-default-export -- Next reads the default export
export default config;
