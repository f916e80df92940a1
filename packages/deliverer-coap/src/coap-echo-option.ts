/** The number of the option Echo (RFC 9175, section 2.2.1), for which node-coap has no name. */
export const echoNumber = '252';
const maxEchoBytes = 40;

/** Returns the Echo option of an answer; undefined where it has none that is 1 to 40 bytes long. */
export function echoOf(
  options: readonly { readonly name: string | number; readonly value: Buffer }[] | undefined,
): Buffer | undefined {
  const echo = options?.find(({ name }) => String(name) === echoNumber)?.value;
  return echo !== undefined && echo.length > 0 && echo.length <= maxEchoBytes ? echo : undefined;
}
