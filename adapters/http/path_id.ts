// Reads an id from the path: one that nothing can have is not found, whatever was typed there.

import type { Context } from "hono";
import { Refusal, type RefusalCode } from "../../domain/refusal.ts";
import { ID } from "./fields.ts";

type NotFoundCode = Extract<RefusalCode, `${string}_not_found`>;

export function pathId(c: Context, code: NotFoundCode): string {
  const id = c.req.param("id") ?? "";
  if (ID.test(id)) return id;
  const thing = code.replace("_not_found", "");
  throw new Refusal(code, `Cannot find the ${thing} as no ${thing} has this id`);
}
