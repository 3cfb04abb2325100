#pragma once

#include "cli/command.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace pier::cli {

/// A command line that is being typed: what stands before the cursor, and what is wanted there. Lenient: words that
/// make no sense are passed over.
struct TypedWords {
  enum class Wanted { word, option_name, option_value, argument };

  std::string path;                     ///< the words of the command so far: "bundle run"
  const CommandSpec* command = nullptr; ///< the one that `path` names, or nullptr
  Arguments::Map options;               ///< of those before the cursor that have a value
  std::vector<std::string> positionals; ///< of the command, before the cursor
  bool behind_dashes = false;           ///< the cursor stands behind "--"
  Wanted wanted = Wanted::word;         ///< a word of a command or a positional
  const OptionSpec* option = nullptr;   ///< whose value is wanted
  std::string begin;                    ///< what is typed already of what is wanted
  std::string kept;                     ///< belongs to the word under the cursor but not to `begin`: "--target="

  /// `words` without the program's name; the last one is under the cursor. A shell may give "--target=dev" as three
  /// words, as bash does.
  static TypedWords read(std::span<const std::string> words, std::span<const CommandSpec> commands);
};

/// The option of that name that the command takes, its own or one of all commands; nullptr: none.
const OptionSpec* find_option(const CommandSpec* command, std::string_view name);

} // namespace pier::cli
