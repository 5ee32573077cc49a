import { type CompletedWord, completedWords, earlyOptions } from "./completion-words.ts";

/** The shells that there is completion for. */
export type CompletedShell = "bash" | "zsh" | "fish";

/**
 * The script that teaches a shell to complete `sv`. The shell lists the services itself: nothing is started for an answer.
 */
export function completionFor(shell: CompletedShell): string {
  return scripts[shell]();
}

const scripts: Readonly<Record<CompletedShell, () => string>> = { bash, zsh, fish };

/** What is alike in bash and zsh: what of the line so far means, into `command`, `operands` and the words to offer. */
function plan(): string {
  const words = Object.entries(completedWords);
  const valued = [...new Set([...earlyOptions.valued, ...words.flatMap(([, word]) => word.valued ?? [])])];
  const cases = words
    .filter(([, word]) => !isPlain(word))
    .map(([name, word]) => `    ${name}) ${assignments(word)} ;;`);
  return `  for word in "\${before[@]}"; do
    if [[ -n $skip ]]; then skip=; continue; fi
    case $word in
    ${valued.join(" | ")}) skip=1 ;;
    -*) ;;
    *) if [[ -z $command ]]; then command=$word; else operands=$((operands + 1)); fi ;;
    esac
  done
  [[ -z $skip ]] || return 0
  case $command in
    "") offer=(${words.map(([name]) => name).join(" ")}) options=(${earlyOptions.all.join(" ")}) kind= ;;
${cases.join("\n")}
    *) kind=services ;;
  esac`;
}

function isPlain({ options, first, operands }: CompletedWord): boolean {
  return options === undefined && first === undefined && operands === "services";
}

function assignments({ options = [], first, operands }: CompletedWord): string {
  const listed = options.length === 0 ? "" : `options=(${options.join(" ")}) `;
  const kind = `kind=${operands}`;
  if (first === undefined) return `${listed}${kind}`;
  return `${listed}${kind}; if [[ $operands == 0 ]]; then offer=(${first.join(" ")}) kind=; fi`;
}

function bash(): string {
  return `# bash completion for sv; made by: sv completion bash

_sv() {
  local cur=\${COMP_WORDS[COMP_CWORD]} command= operands=0 kind= skip= word path
  local -a before=("\${COMP_WORDS[@]:1:COMP_CWORD-1}") offer=() options=() names
  COMPREPLY=()
${plan()}
  if [[ $cur == -* ]]; then offer=("\${options[@]}") kind=; fi
  for word in "\${offer[@]}"; do [[ $word == "$cur"* ]] && COMPREPLY+=("$word"); done
  if [[ $kind == directories || $cur == [./]* ]]; then
    compopt -o filenames 2>/dev/null
    for path in "$cur"*/; do [[ -d $path ]] && COMPREPLY+=("\${path%/}"); done
  elif [[ $kind == services ]]; then
    names=("\${SVDIR:-/etc/service}"/*/)
    [[ -d \${names[0]} ]] || return 0
    names=("\${names[@]%/}")
    for word in "\${names[@]##*/}"; do
      [[ $word == *[^a-zA-Z0-9._-]* ]] && printf -v word %q "$word"
      [[ $word == "$cur"* ]] && COMPREPLY+=("$word")
    done
  fi
  return 0
}
complete -F _sv sv
`;
}

function zsh(): string {
  return `#compdef sv
# zsh completion for sv; made by: sv completion zsh

_sv() {
  local command= kind= skip= word
  local -i operands=0
  local -a before offer options
  before=("\${(@)words[2,CURRENT-1]}")
${plan()}
  if [[ $PREFIX == -* ]]; then compadd -- $options; return; fi
  compadd -- $offer
  if [[ $kind == directories || $PREFIX == [./]* ]]; then _files -/
  elif [[ $kind == services ]]; then compadd -- \${SVDIR:-/etc/service}/*(N-/:t)
  fi
}

if [[ $funcstack[1] == _sv ]]; then _sv "$@"; else compdef _sv sv; fi
`;
}

function fish(): string {
  const words = Object.entries(completedWords);
  const plain = words.filter(([, word]) => isPlain(word)).map(([name]) => name);
  const lines = [
    ...words.map(([name, { about }]) => `complete -c sv -n '__fish_sv_at 0' -a ${name} -d ${quoted(about)}`),
    ...words.filter(([, word]) => !isPlain(word)).flatMap(([name, word]) => fishWord(name, word)),
    `complete -c sv -n '__fish_sv_in ${plain.join(" ")}' -a '(__fish_sv_services)'`,
  ];
  return `# fish completion for sv; made by: sv completion fish

# The operands so far, without sv.
function __fish_sv_operands
    set -l skip
    for word in (commandline -opc)[2..]
        if test -n "$skip"
            set skip
        else if contains -- $word ${earlyOptions.valued.join(" ")}
            set skip yes
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end
function __fish_sv_at
    test (count (__fish_sv_operands)) -eq $argv[1]
end
function __fish_sv_in
    contains -- (__fish_sv_operands)[1] $argv
end
function __fish_sv_services
    if string match -qr '^[./]' -- (commandline -ct)
        __fish_complete_directories (commandline -ct) ''
        return
    end
    set -l place /etc/service
    set -q SVDIR; and set place $SVDIR
    for path in $place/*/
        string replace -r '.*/(.*)/' '$1' -- $path
    end
end

complete -c sv -f
complete -c sv -n '__fish_sv_at 0' -s v -d 'wait, and report'
complete -c sv -n '__fish_sv_at 0' -s w -x -d 'seconds to wait'
${lines.join("\n")}
`;
}

function fishWord(name: string, { options = [], valued = [], first, operands }: CompletedWord): readonly string[] {
  const isIn = `__fish_sv_in ${name}`;
  const option = (text: string): string => {
    const value = valued.includes(text) ? " -x" : "";
    return `complete -c sv -n '${isIn}' ${text.startsWith("--") ? `-l ${text.slice(2)}` : `-s ${text.slice(1)}`}${value}`;
  };
  const sources = { services: "(__fish_sv_services)", directories: "(__fish_complete_directories)", nothing: null };
  const source = sources[operands];
  const isLater = first === undefined ? isIn : `${isIn}; and not __fish_sv_at 1`;
  return [
    ...options.map(option),
    ...(first === undefined ? [] : [`complete -c sv -n '${isIn}; and __fish_sv_at 1' -a '${first.join(" ")}'`]),
    ...(source === null ? [] : [`complete -c sv -n '${isLater}' -a '${source}'`]),
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "\\\\'")}'`;
}
