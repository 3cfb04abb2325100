#pragma once

#include "cli/command.hpp"
#include "cli/session.hpp"
#include "core/scaffold/renderer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pier::cli {

/// A project made from a template: finds the template, collects the answers (on a terminal from people), renders and
/// writes. What `pier init` and `pier bundle init` share; `words` says in whose words problems are told.
class TemplateProject {
 public:
  TemplateProject(const Arguments& arguments, Context& context, scaffold::Words words);
  ~TemplateProject();
  TemplateProject(const TemplateProject&) = delete;
  TemplateProject& operator=(const TemplateProject&) = delete;

  /// Finds and reads the template. Errors PIER5006, PIER5008, PIER04xx.
  Result<void> open(scaffold::TemplateRequest request);

  [[nodiscard]] const scaffold::TemplateSource& source() const { return source_; }

  [[nodiscard]] const scaffold::TemplateSchema& schema() const { return schema_; }

  /// The answers of --config-file; none without it. Error PIER5007.
  Result<scaffold::AnswerValues> config_file() const;

  /// welcome_message over the answers that are given; empty when the template has none.
  Result<std::string> welcome(const scaffold::AnswerValues& given) const;

  /// Completes the answers, from people when `asks`, and renders everything; nothing is written yet.
  Result<void> render(scaffold::AnswerValues given, bool asks);

  [[nodiscard]] const scaffold::AnswerValues& answers() const { return answers_; }

  [[nodiscard]] const scaffold::RenderedTree& tree() const { return tree_; }

  /// --output-dir or the current folder.
  [[nodiscard]] std::filesystem::path output() const;

  /// success_message; empty when the template has none.
  Result<std::string> farewell() const;

 private:
  class Workspace;

  const Arguments& arguments_;
  Context& context_;
  scaffold::Words words_;
  std::unique_ptr<Workspace> workspace_;
  scaffold::WorkspaceFacts facts_;
  scaffold::TemplateSource source_;
  scaffold::TemplateSchema schema_;
  scaffold::AnswerValues answers_;
  scaffold::RenderedTree tree_;
};

/// Options of both commands: --config-file, --branch, --template-dir, --output-dir.
std::vector<OptionSpec> template_options();

} // namespace pier::cli
