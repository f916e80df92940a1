import type { Logger } from '@preservarium/backend';
import type { Deliverer } from '@preservarium/deliverer';
import type { Environment, Variables, VariableValues } from '@preservarium/environment';

/** The parts that are specific to one connector program. */
export interface ConnectorProgram<Table extends Variables> {
  /** As it is called on the command line, for example `mqtt-connector`. */
  readonly name: string;
  /** One sentence for `--help`. */
  readonly summary: string;
  /** Command lines for `--help`, without the name. */
  readonly examples: readonly string[];
  /** The variables of its protocol. */
  readonly variables: Table;
  /** Which of them says what the deliverer's settings call so; its errors are then about the variable. */
  readonly variableOf: Readonly<Record<string, keyof Table & string>>;
  /** May throw a `ConfigurationError`, which begins with the name of the setting. */
  createDeliverer(values: VariableValues<Table>, dependencies: DelivererDependencies): Deliverer;
}

export interface DelivererDependencies {
  /** Deadline for a delivery, in milliseconds. */
  readonly timeoutMs: number;
  readonly logger: Logger;
  /** The flags of the command line, for variables that are read again. */
  readonly flags: Environment;
}
