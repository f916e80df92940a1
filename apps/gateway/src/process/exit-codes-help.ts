/** The meaning of the exit codes, for `--help`. */
export const exitCodesHelp = `
Exit codes:
  0  stopped by SIGTERM or Ctrl-C; a second one ends it at once, with 143 or 130
  1  it could not go on
  2  wrong arguments or options
  3  Kafka or the command store cannot be reached, or refuses the credentials`;
