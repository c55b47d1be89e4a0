export const fish = `# fish completion for kubectl
function __kubectl_complete
    set -l words (commandline -opc) (commandline -ct)
    $words[1] __complete -- $words[2..-1] 2>/dev/null
end
complete -c kubectl -e
complete -c kubectl -a '(__kubectl_complete)'
`;
