import { Argument, Command } from "commander";
import { print } from "./output.ts";

const BASH = `# Completion of gw-trace for bash 4 or newer.
_gw_trace() {
  local line current="\${COMP_WORDS[COMP_CWORD]#=}"
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == ":files" ]]; then
      compopt -o filenames
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <("\${COMP_WORDS[0]/#\\~/$HOME}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _gw_trace gw-trace
`;

const ZSH = `#compdef gw-trace
# Completion of gw-trace for zsh: in a file _gw-trace of a folder in $fpath, or sourced after compinit.
_gw_trace() {
  local line files=0
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == ":files" ]]; then
      files=1
    else
      candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done < <("\${(Q)words[1]/#\\~/$HOME}" __complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  (( $#candidates )) && _describe -t gw-trace 'gw-trace' candidates
  (( files )) && _files
}
if [[ $funcstack[1] == "_gw-trace" || $funcstack[1] == "_gw_trace" ]]; then
  _gw_trace "$@"
else
  compdef _gw_trace gw-trace
fi
`;

const FISH = `# Completion of gw-trace for fish.
function __gw_trace_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c gw-trace -f -a '(__gw_trace_complete)'
`;

const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH };

/** `gw-trace completion <shell>`: prints the script that makes a shell ask gw-trace itself, so that it never goes stale. */
export function completionCommand(): Command {
  const shell = new Argument("<shell>", "your shell").choices(Object.keys(SCRIPTS));
  return new Command("completion").addArgument(shell).action((name: keyof typeof SCRIPTS) => {
    print(SCRIPTS[name]);
  });
}
