/** What the exit codes mean here, for `--help`. */
export const exitCodesHelp = `
Exit codes:
  0    done
  1    a command was refused or not acknowledged (of many: at least one), or the request failed
  2    wrong arguments or settings
  3    Kafka or the command store cannot be reached, or refuses the credentials or the permission
  4    the settings have another version than --if-version
  130  interrupted with Ctrl-C (143: by SIGTERM)`;
