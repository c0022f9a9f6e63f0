import { Argument, Command } from "commander";
import type { Surroundings } from "./surroundings.ts";

const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

/** What a shell needs to know of one command. */
interface Words {
  name: string;
  about: string;
  /** Long and short forms. */
  options: { flag: string; about: string }[];
}

/** `realtime completion`: a script that completes commands and options, made from the commands themselves. */
export function completionCommand({ write }: Surroundings): Command {
  return new Command("completion")
    .description("print a completion script: source <(realtime completion bash)")
    .addArgument(new Argument("<shell>", "your shell").choices(shells))
    .action((shell: Shell, _options: object, command: Command) => {
      const words = (command.parent?.commands ?? []).map(wordsOf);
      write("out", { bash, zsh, fish }[shell](words));
    });
}

function wordsOf(command: Command): Words {
  const options = command.options.flatMap(({ long, short, description }) => [long, short].filter((flag) => flag !== undefined && flag !== null).map((flag) => ({ flag, about: description })));
  return { name: command.name(), about: command.description(), options: [...options, { flag: "--help", about: "display help" }] };
}

function bash(words: readonly Words[]): string {
  return [
    "# bash completion of realtime",
    "_realtime() {",
    '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" options=""',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W "${words.map(({ name }) => name).join(" ")}" -- "$word"))`,
    "    return",
    "  fi",
    '  case "$before" in',
    "    -f | --file | --kubeconfig) COMPREPLY=($(compgen -f -- \"$word\")); return ;;",
    "    -o | --output) COMPREPLY=($(compgen -W \"json wide\" -- \"$word\")); return ;;",
    "  esac",
    '  case "${COMP_WORDS[1]}" in',
    ...words.map(({ name, options }) => `    ${name}) options="${options.map(({ flag }) => flag).join(" ")}" ;;`),
    "  esac",
    ...(words.some(({ name }) => name === "completion") ? [`  [ "\${COMP_WORDS[1]}" = completion ] && options="${shells.join(" ")}"`] : []),
    '  COMPREPLY=($(compgen -W "$options" -- "$word"))',
    "}",
    "complete -F _realtime realtime",
    "",
  ].join("\n");
}

function zsh(words: readonly Words[]): string {
  const quoted = (text: string): string => text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, (sign) => `\\${sign}`);
  return [
    "#compdef realtime",
    "_realtime() {",
    "  local -a commands=(",
    ...words.map(({ name, about }) => `    '${name}:${quoted(about)}'`),
    "  )",
    '  if (( CURRENT == 2 )); then _describe command commands; return; fi',
    '  case "${words[2]}" in',
    ...words.map(({ name, options }) => `    ${name}) _arguments ${options.map(({ flag, about }) => `'${flag}[${quoted(about)}]'`).join(" ")} '*:file:_files' ;;`),
    "  esac",
    "}",
    "compdef _realtime realtime",
    "",
  ].join("\n");
}

function fish(words: readonly Words[]): string {
  const quoted = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
  const option = (flag: string): string => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`);
  return [
    "# fish completion of realtime",
    ...words.map(({ name, about }) => `complete -c realtime -n __fish_use_subcommand -a ${name} -d '${quoted(about)}'`),
    ...words.flatMap(({ name, options }) => options.map(({ flag, about }) => `complete -c realtime -n '__fish_seen_subcommand_from ${name}' ${option(flag)} -d '${quoted(about)}'`)),
    "",
  ].join("\n");
}
