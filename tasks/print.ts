// Standard output for the tasks: they are programs for people, not part of the service with its log.

const encoder = new TextEncoder();

export function print(line = ""): void {
  write(`${line}\n`);
}

/** All of it, however little the terminal or pipe takes at once. */
export function write(text: string): void {
  let rest = encoder.encode(text);
  while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
}
