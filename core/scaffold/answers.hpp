#pragma once

#include "core/scaffold/helper_functions.hpp"
#include "core/scaffold/official_words.hpp"
#include "core/scaffold/template_schema.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pier::scaffold {

struct Question {
  std::string text; ///< the description, rendered
  std::string default_answer;
  std::vector<std::string> choices; ///< empty: any text
};

/// Asks a person. Implemented over the console.
class Prompter {
 public:
  virtual ~Prompter() = default;
  virtual Result<std::string> ask(const Question& question) = 0;
  virtual void reject(const Error& problem) = 0; ///< the answer was wrong, the question comes again
};

/// Completes `given` (flags and the config file, already as JSON) by asking, or by the defaults when `prompter` is
/// null. Every answer is checked. Error PIER5007 for one that is wrong, PIER5009 for one that is missing.
Result<AnswerValues> collect_answers(const TemplateSchema& schema, AnswerValues given, const WorkspaceFacts& facts,
                                     Prompter* prompter, Words words = Words::own);

/// Renders one text of the schema (a default, a description, a message) over the answers so far.
Result<std::string> render_text(std::string_view what, std::string_view text, const AnswerValues& answers,
                                const WorkspaceFacts& facts);

/// The object of a --config-file, reduced to the template's properties: other keys are ignored. Error PIER5007.
/// In official words the values are checked here already.
Result<AnswerValues> parse_config_file(const TemplateSchema& schema, std::string_view text, Words words = Words::own);

} // namespace pier::scaffold
