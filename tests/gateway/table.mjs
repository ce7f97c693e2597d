// Tables of results, in Markdown.
export const head = (...titles) => console.log(`\n| ${titles.join(" | ")} |\n|${"---|".repeat(titles.length)}`);

export const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);

export const whole = (number) => (Number.isNaN(number) ? "?" : number.toFixed(0));

// Codes of the errors of a response, each once.
export const codes = ({ errors = [] }) => [...new Set(errors.map((error) => error.extensions?.code ?? "no code"))].join(", ");
