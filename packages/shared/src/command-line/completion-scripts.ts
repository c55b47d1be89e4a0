/** What a shell reads to complete the lines of a program, by the shell. Each asks `PROGRAM __complete -- WORD... CURRENT`. */
export const completionScripts: Readonly<Record<string, (program: string) => string>> = { bash, fish, zsh };

/** For bash 4 and later; `=` inside a word breaks it there, so what is before it is cut from the answer. */
function bash(program: string): string {
  return `# bash completion for ${program}
__${program}_complete() {
  local line="\${COMP_LINE:0:COMP_POINT}" candidate
  local -a words
  read -r -a words <<< "$line"
  if [[ $line == *[[:space:]] ]]; then words+=(""); fi
  local cur="\${words[\${#words[@]}-1]}" cut=""
  if [[ $cur == *=* && $COMP_WORDBREAKS == *=* ]]; then cut="\${cur%%=*}="; fi
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    COMPREPLY+=("\${candidate#"$cut"}")
  done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *[/=] ]]; then compopt -o nospace; fi
}
complete -o default -F __${program}_complete ${program}
`;
}

function fish(program: string): string {
  return `# fish completion for ${program}
function __${program}_complete
    set -l words (commandline -opc) (commandline -ct)
    $words[1] __complete -- $words[2..-1] 2>/dev/null
end
complete -c ${program} -e
complete -c ${program} -a '(__${program}_complete)'
`;
}

function zsh(program: string): string {
  return `#compdef ${program}
# zsh completion for ${program}
_${program}() {
  local value description
  local -a candidates
  while IFS=$'\\t' read -r value description; do
    candidates+=("\${value//:/\\\\:}\${description:+:$description}")
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#candidates} )); then
    _describe '${program}' candidates
  else
    _files
  fi
}
compdef _${program} ${program}
`;
}
