#include "core/scaffold/answers.hpp"

#include <doctest/doctest.h>

#include <deque>

using namespace pier;
using namespace pier::scaffold;

namespace {

constexpr std::string_view k_schema = R"({"properties": {
  "name": {"type": "string", "description": "Name", "order": 1, "pattern": "^[a-z]+$",
           "pattern_match_failure_message": "no {{default_catalog}}letters", "default": "shop"},
  "table": {"type": "string", "description": "Table of {{.name}}", "order": 2, "default": "{{.name}}_table"},
  "deep": {"type": "boolean", "description": "Deep?", "order": 3, "default": false,
           "skip_prompt_if": {"properties": {"name": {"const": "flat"}}}},
  "must": {"type": "integer", "description": "How many", "order": 4}}})";

class Script final : public Prompter {
 public:
  explicit Script(std::deque<std::string> answers)
      : answers_(std::move(answers)) {}

  Result<std::string> ask(const Question& question) override {
    asked.push_back(question.text + "|" + question.default_answer);
    if (answers_.empty()) {
      return Error{.kind = ErrorKind::usage, .message = "nobody answers"};
    }
    auto answer = answers_.front();
    answers_.pop_front();
    return answer.empty() ? question.default_answer : answer;
  }

  void reject(const Error& problem) override { rejected.push_back(problem.message); }

  std::vector<std::string> asked, rejected;

 private:
  std::deque<std::string> answers_;
};

TemplateSchema schema() {
  auto result = parse_template_schema(k_schema);
  REQUIRE(result);
  return *result;
}

} // namespace

TEST_CASE("answers: without a terminal, given values and rendered defaults") {
  const auto answers = collect_answers(schema(), {{"name", "zoo"}, {"must", Json(1)}}, {}, nullptr);
  REQUIRE_MESSAGE(answers, answers.error().to_string());
  CHECK(*answers == AnswerValues{{"name", "zoo"}, {"table", "zoo_table"}, {"deep", Json(false)}, {"must", Json(1)}});
}

TEST_CASE("answers: a missing one without default is named") {
  const auto answers = collect_answers(schema(), {}, {}, nullptr);
  REQUIRE_FALSE(answers);
  CHECK(answers.error().code == "PIER5009");
  CHECK(answers.error().message == "there is no value for \"must\", and it has no default");
}

TEST_CASE("answers: a given value is checked, and the pattern's message rendered") {
  const auto answers = collect_answers(schema(), {{"name", "Zoo"}, {"must", Json(1)}}, {}, nullptr);
  REQUIRE_FALSE(answers);
  CHECK(answers.error().hint == "no letters");
}

TEST_CASE("answers: a person is asked again until the answer fits") {
  Script script({"F1", "flat", "", "x", "7"});
  const auto answers = collect_answers(schema(), {}, {}, &script);
  REQUIRE_MESSAGE(answers, answers.error().to_string());
  CHECK(answers->at("must") == Json(7));
  CHECK(answers->at("deep") == Json(false)); // skipped, as the name is flat
  CHECK(script.asked ==
        std::vector<std::string>{"Name|shop", "Name|shop", "Table of flat|flat_table", "How many|", "How many|"});
  CHECK(script.rejected.size() == 2);
}

TEST_CASE("answers: a config file may hold more than is asked") {
  const auto values = parse_config_file(schema(), R"({"name": "zoo", "other": 1})");
  REQUIRE(values);
  CHECK(*values == AnswerValues{{"name", "zoo"}});
  CHECK_FALSE(parse_config_file(schema(), "[]"));
  CHECK_FALSE(parse_config_file(schema(), "{"));
}
