#pragma once

#include "core/scaffold/value.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pier::scaffold {

struct Pipeline;

/// One word of a command: a literal, `.a.b`, `$x.y`, a function name or `(pipeline).z`.
struct Operand {
  enum class Kind { literal, dot, variable, function, pipeline };
  Kind kind = Kind::dot;
  Value literal;
  std::string name;                         ///< function or variable ("$x")
  std::vector<std::string> fields;          ///< the chain after dot, variable or pipeline
  std::shared_ptr<const Pipeline> pipeline; ///< shared: trees are copied with their definitions
  std::size_t offset = 0;
};

struct Command {
  std::vector<Operand> operands; ///< never empty
};

/// `$x := a b | c`. Empty commands: no pipeline at all.
struct Pipeline {
  std::vector<std::string> variables; ///< at most two (range)
  bool assigns = false;               ///< `=` instead of `:=`
  std::vector<Command> commands;
  std::size_t offset = 0;
};

struct Statement;
using Block = std::vector<Statement>;

struct Statement {
  enum class Kind { text, output, branch, range, with, call, leave, proceed };
  Kind kind = Kind::text;
  std::string text; ///< of text; of call: the template's name
  Pipeline pipeline;
  Block body;
  Block otherwise;
  std::size_t offset = 0;
};

/// A parsed file: its main block and what it defines.
struct TemplateFile {
  std::string name;   ///< for messages
  std::string source; ///< for positions
  Block main;
  std::map<std::string, Block, std::less<>> definitions;
};

} // namespace pier::scaffold
