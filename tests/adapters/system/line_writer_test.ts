// Laws of adapters/system/line_writer.ts.

import assert from "node:assert/strict";
import { LineWriter, type Write } from "../../../adapters/system/line_writer.ts";
import { eventually } from "../../support/eventually.ts";

/** An output that takes at most `bytesMax` at once, and fails while `failure` is set. */
class Output {
  text = "";
  calls = 0;
  failure: Error | undefined;
  readonly #decoder = new TextDecoder();

  constructor(readonly bytesMax: number = Infinity) {}

  readonly write: Write = (bytes) => {
    this.calls++;
    if (this.failure !== undefined) throw this.failure;
    const taken = bytes.subarray(0, this.bytesMax);
    this.text += this.#decoder.decode(taken, { stream: true });
    return taken.length;
  };
}

function law(title: string, fn: () => void | Promise<void>): void {
  Deno.test({ name: title, sanitizeOps: true, fn });
}

law("line() is written soon, together with its neighbours, and leaves no timer", async () => {
  const output = new Output();
  const writer = new LineWriter(output.write);
  writer.line("one");
  writer.line("two");
  assert.equal(output.text, "");
  await eventually(() => output.text !== "");
  assert.deepEqual([output.text, output.calls], ["one\ntwo\n", 1]);
});

law("line() is written at once when many wait", () => {
  const output = new Output();
  const writer = new LineWriter(output.write);
  for (let line = 0; line < 100; line++) writer.line("x".repeat(1_000));
  assert.equal(output.calls, 1);
  writer.close();
});

law("flush() writes what waits, and leaves no timer", () => {
  const output = new Output();
  const writer = new LineWriter(output.write);
  writer.line("one");
  writer.flush();
  assert.equal(output.text, "one\n");
});

law("flush() writes all where each write takes only a part", () => {
  const output = new Output(3);
  const writer = new LineWriter(output.write);
  writer.line("платёж");
  writer.flush();
  assert.equal(output.text, "платёж\n");
});

law("flush() without lines writes nothing", () => {
  const output = new Output();
  new LineWriter(output.write).flush();
  assert.equal(output.calls, 0);
});

law("close() writes what waits, and each later line at once", () => {
  const output = new Output();
  const writer = new LineWriter(output.write);
  writer.line("one");
  writer.close();
  writer.line("two");
  assert.deepEqual([output.text, output.calls], ["one\ntwo\n", 2]);
});

law("line() never throws when the reader is gone", () => {
  const output = new Output();
  output.failure = new Deno.errors.BrokenPipe();
  const writer = new LineWriter(output.write);
  writer.line("one");
  writer.flush();
  writer.close();
  writer.line("two");
});

law("flush() writes later what a full output did not take now", async () => {
  const output = new Output();
  output.failure = new Deno.errors.WouldBlock();
  const writer = new LineWriter(output.write);
  writer.line("one");
  writer.flush();
  output.failure = undefined;
  writer.line("two");
  await eventually(() => output.text !== "");
  assert.equal(output.text, "one\ntwo\n");
});

law("line() drops new lines above a limit while nothing is taken", () => {
  const output = new Output();
  output.failure = new Deno.errors.WouldBlock();
  const writer = new LineWriter(output.write);
  for (let line = 0; line < 3_000; line++) writer.line("x".repeat(1_000));
  output.failure = undefined;
  writer.close();
  assert.ok(output.text.length > 1_000_000 && output.text.length <= 1024 * 1024);
});
