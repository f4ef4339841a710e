// Where CI has the time, more is played of the same: without it the whole suite ends within two minutes.

export const IS_THOROUGH = Deno.env.get("CI") === "true";
