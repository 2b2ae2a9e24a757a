const DECISIONS =
  /\b(?:if|elif|for|foreach|while|case|catch|except|rescue|unless|until|when|match)\b|&&|\|\||\?\?|\?(?![.:?])/g;

/** Rough complexity of a whole file in any language: 1 + decision words outside of comments and texts. */
export function lexicalComplexity(text: string): number {
  const code = text.replaceAll(
    /\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|(?:\/\/|#)[^\n]*/g,
    ' ',
  );
  return 1 + (code.match(DECISIONS)?.length ?? 0);
}
