/** The exit codes of pusher, for `--help`. */
export const exitCodesHelp = `
Exit codes:
  0    success
  1    at least one command was refused or not acknowledged, or the request failed
  2    wrong arguments or options
  3    Kafka or the command store is unreachable, or refuses the credentials or the permission
  4    the settings have another version than --if-version
  130  interrupted with Ctrl-C (143: by SIGTERM)`;
