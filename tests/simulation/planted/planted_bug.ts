// A bug to plant: what is wrong, in which file, and the exact text that one replaces by another.

export interface PlantedBug {
  readonly name: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly from: string;
  readonly to: string;
}
