import { Argument, Command, type Option } from "commander";
import type { CommandDeps } from "../command-deps.ts";

const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

/** The value that follows an option: none, one of a list, a file name, or any text. */
type Value = "none" | readonly string[] | "file" | "text";

interface CommandWords {
  name: string;
  about: string;
  /** One entry for each form of an option: `-o` and `--output` are two entries. */
  options: { flag: string; about: string; value: Value }[];
  /** The values that the command's argument allows. Empty when the argument allows any value. */
  choices: readonly string[];
}

/** `realtime completion`: prints a shell script, generated from the commands, that completes commands and options. */
export function completionCommand({ write }: CommandDeps): Command {
  return new Command("completion")
    .description("Print a completion script: source <(realtime completion bash)")
    .addArgument(new Argument("<shell>", "your shell").choices(shells))
    .action((shell: Shell, _options: object, command: Command) => {
      const words = (command.parent?.commands ?? []).map(wordsOf);
      write("out", { bash, zsh, fish }[shell](words));
    });
}

function wordsOf(command: Command): CommandWords {
  const options = command.options.flatMap((option) =>
    [option.long, option.short]
      .filter((flag) => flag !== undefined && flag !== null)
      .map((flag) => ({ flag, about: option.description, value: valueOf(option) })),
  );
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  return {
    name: command.name(),
    about: command.description(),
    options: [...options, { flag: "--help", about: "show help", value: "none" }],
    choices,
  };
}

function valueOf({ required, argChoices, flags }: Option): Value {
  if (!required) return "none";
  return argChoices ?? (/<file\b/.test(flags) ? "file" : "text");
}

/** Options grouped by the value that they take. An option takes the same kind of value in every command. */
function flagsByValue(words: readonly CommandWords[]): Map<string, { flags: Set<string>; value: Value }> {
  const found = new Map<string, { flags: Set<string>; value: Value }>();
  for (const { flag, value } of words.flatMap(({ options }) => options)) {
    if (value === "none") continue;
    const key = String(value);
    const known = found.get(key) ?? { flags: new Set(), value };
    found.set(key, known);
    known.flags.add(flag);
  }
  return found;
}

function bash(words: readonly CommandWords[]): string {
  return [
    "# bash completion of realtime",
    "_realtime() {",
    '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" options=""',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W "${words.map(({ name }) => name).join(" ")}" -- "$word"))`,
    "    return",
    "  fi",
    '  case "$before" in',
    ...[...flagsByValue(words).values()].map(
      ({ flags, value }) => `    ${[...flags].join(" | ")}) COMPREPLY=(${bashWords(value)}); return ;;`,
    ),
    "  esac",
    '  case "${COMP_WORDS[1]}" in',
    ...words.map(
      ({ name, options, choices }) =>
        `    ${name}) options="${(choices.length > 0 ? choices : options.map(({ flag }) => flag)).join(" ")}" ;;`,
    ),
    "  esac",
    '  COMPREPLY=($(compgen -W "$options" -- "$word"))',
    "}",
    "complete -F _realtime realtime",
    "",
  ].join("\n");
}

function bashWords(value: Value): string {
  if (value === "text" || value === "none") return "";
  return value === "file" ? '$(compgen -f -- "$word")' : `$(compgen -W "${value.join(" ")}" -- "$word")`;
}

function zsh(words: readonly CommandWords[]): string {
  const quoted = (text: string): string => text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, (sign) => `\\${sign}`);
  const after = (value: Value): string =>
    value === "none"
      ? ""
      : value === "file"
        ? ":file:_files"
        : value === "text"
          ? ":text: "
          : `:word:(${value.join(" ")})`;
  const argumentsOf = ({ options, choices }: CommandWords): string =>
    [
      ...options.map(({ flag, about, value }) => `'${flag}[${quoted(about)}]${after(value)}'`),
      ...(choices.length === 0 ? [] : [`'1:word:(${choices.join(" ")})'`]),
    ].join(" ");
  return [
    "#compdef realtime",
    // zsh defines compdef only when compinit runs, so run compinit if compdef is missing.
    "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }",
    "_realtime() {",
    "  local -a commands=(",
    ...words.map(({ name, about }) => `    '${name}:${quoted(about)}'`),
    "  )",
    "  if (( CURRENT == 2 )); then _describe command commands; return; fi",
    "  shift words; (( CURRENT-- ))",
    '  case "${words[1]}" in',
    ...words.map((command) => `    ${command.name}) _arguments ${argumentsOf(command)} ;;`),
    "  esac",
    "}",
    "compdef _realtime realtime",
    "",
  ].join("\n");
}

function fish(words: readonly CommandWords[]): string {
  const quoted = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
  const option = (flag: string): string => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`);
  const after = (value: Value): string =>
    value === "none" ? "" : value === "file" ? " -r -F" : value === "text" ? " -x" : ` -x -a '${value.join(" ")}'`;
  return [
    "# fish completion of realtime",
    "complete -c realtime -f",
    ...words.map(({ name, about }) => `complete -c realtime -n __fish_use_subcommand -a ${name} -d '${quoted(about)}'`),
    ...words.flatMap(({ name, options, choices }) => [
      ...options.map(
        ({ flag, about, value }) =>
          `complete -c realtime -n '__fish_seen_subcommand_from ${name}' ${option(flag)}${after(value)} -d '${quoted(about)}'`,
      ),
      ...(choices.length === 0
        ? []
        : [`complete -c realtime -n '__fish_seen_subcommand_from ${name}' -a '${choices.join(" ")}'`]),
    ]),
    "",
  ].join("\n");
}
