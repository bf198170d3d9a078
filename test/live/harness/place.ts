/** Where commands run: on this machine as it is, or inside a network namespace. */
export interface Place {
  /** The command that runs `command` there. */
  wrap(command: readonly string[]): readonly string[];
  /** A port on which a Gateway may listen there. */
  gatewayPort(): Promise<number>;
  /** A port on which a tap may listen there. */
  tapPort(): Promise<number>;
}
