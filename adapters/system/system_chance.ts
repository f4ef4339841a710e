// Jitter from the machine's own generator; never for secrets or ids.

import type { Chance } from "../../application/ports.ts";

export const systemChance: Chance = () => Math.random();
