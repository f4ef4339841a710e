// All bugs to plant: each is a small change of the service that the simulation must find.

import { CALLBACK_BUGS } from "./callback_bugs.ts";
import { DOUBT_BUGS } from "./doubt_bugs.ts";
import { FOLLOWING_BUGS } from "./following_bugs.ts";
import { OUTCOME_BUGS } from "./outcome_bugs.ts";
import { SENDING_BUGS } from "./sending_bugs.ts";
import { STORE_BUGS } from "./store_bugs.ts";
import { WIRE_BUGS } from "./wire_bugs.ts";
import type { PlantedBug } from "./planted_bug.ts";

export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...SENDING_BUGS,
  ...OUTCOME_BUGS,
  ...WIRE_BUGS,
  ...FOLLOWING_BUGS,
  ...DOUBT_BUGS,
  ...STORE_BUGS,
  ...CALLBACK_BUGS,
];
