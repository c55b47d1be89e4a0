export const zsh = `#compdef kubectl
# zsh completion for kubectl
_kubectl() {
  local value description
  local -a candidates
  while IFS=$'\\t' read -r value description; do
    candidates+=("\${value//:/\\\\:}\${description:+:$description}")
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#candidates} )); then
    _describe 'kubectl' candidates
  else
    _files
  fi
}
compdef _kubectl kubectl
`;
