/** For bash 4 and later; `=` inside a word breaks it there, so what is before it is cut from the answer. */
export const bash = `# bash completion for kubectl
__kubectl_complete() {
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
complete -o default -F __kubectl_complete kubectl
`;
