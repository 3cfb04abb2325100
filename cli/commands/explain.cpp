#include "cli/commands/all.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace pier::cli {
namespace {

Result<Report> list_codes() {
  Report report;
  report.json = Json::array();
  for (const auto& item : all_explanations()) {
    report.text += std::string(item.code) + "  " + std::string(item.title) + "\n";
    report.json.push_back(Json::object({{"code", item.code}, {"title", item.title}}));
  }
  return report;
}

Result<Report> explain(const Arguments& arguments, Context&) {
  if (!arguments.has("CODE")) {
    return list_codes();
  }
  const auto code = to_upper(arguments.get("CODE"));
  const auto all = all_explanations();
  const auto it = std::find_if(all.begin(), all.end(), [&](const Explanation& item) { return item.code == code; });
  if (it == all.end()) {
    std::vector<std::string> known;
    for (const auto& item : all) {
      known.emplace_back(item.code);
    }
    const auto near = nearest(code, known);
    return Error{.kind = ErrorKind::usage,
                 .code = "PIER0002",
                 .message = "there is no code " + code,
                 .hint = near.empty() ? "see `pier explain` for all codes" : "did you mean " + near + "?"};
  }
  return Report{.text = std::string(it->code) + ": " + std::string(it->title) + "\n\n" + std::string(it->text) + "\n",
                .json = Json::object({{"code", it->code}, {"title", it->title}, {"text", it->text}})};
}

} // namespace

CommandSpec explain_command() {
  return {.name = "explain",
          .summary = "Explain an error code",
          .positionals = {{.name = "CODE", .help = "such as PIER1004; without it, all codes", .required = false}},
          .examples = {"pier explain PIER1004"},
          .run = explain};
}

} // namespace pier::cli
