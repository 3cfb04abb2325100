#include "core/scaffold/answers.hpp"

#include "core/scaffold/go_functions.hpp"
#include "core/scaffold/parser.hpp"

namespace pier::scaffold {

namespace {

constexpr int k_max_attempts = 20;

std::string shown(const Json& value) {
  return value.is_string() ? value.as_string() : value.dump();
}

class Collector {
 public:
  Collector(AnswerValues given, const WorkspaceFacts& facts, Prompter* prompter, Words words)
      : answers_(std::move(given)),
        facts_(facts),
        prompter_(prompter),
        words_(words) {}

  Result<AnswerValues> run(const TemplateSchema& schema) {
    for (const auto& property : schema.properties) {
      PIER_TRY(answer(property));
    }
    return std::move(answers_);
  }

 private:
  Result<void> answer(const Property& property) {
    if (const auto given = answers_.find(property.name); given != answers_.end()) {
      return check_finally(property, given->second);
    }
    PIER_TRY_ASSIGN(auto known, from_workspace(property));
    if (known) {
      PIER_TRY(check_finally(property, *known));
      answers_.insert_or_assign(property.name, *std::move(known));
      return {};
    }
    bool asks = prompter_ != nullptr;
    if (asks && !property.skip_prompt_if.is_null()) {
      PIER_TRY_ASSIGN(const bool skips, meets(property.skip_prompt_if, answers_));
      asks = !skips;
    }
    return asks ? ask(property) : use_default(property);
  }

  /// The pattern's message may be a template too.
  Result<void> checked(const Property& property, const Json& value) {
    auto result = check_answer(property, value);
    if (!result && words_ == Words::official) {
      return Error{.kind = ErrorKind::usage, .code = "PIER5007", .message = official_problem(property, value)};
    }
    if (!result && !result.error().hint.empty() && result.error().hint == property.pattern_failure) {
      PIER_TRY_ASSIGN(result.error().hint, render(property, property.pattern_failure));
    }
    return result;
  }

  /// What nobody can correct any more.
  Result<void> check_finally(const Property& property, const Json& value) {
    auto result = checked(property, value);
    return result || words_ == Words::own ? std::move(result) : invalid(result.error().message);
  }

  static Error invalid(const std::string& problem) {
    return Error{.kind = ErrorKind::usage,
                 .code = "PIER5007",
                 .message = "validation for template input parameters failed. " + problem};
  }

  /// To the one who answers.
  void reject(Error problem) {
    if (words_ == Words::official) {
      problem.message = "Validation failed: " + problem.message;
    }
    prompter_->reject(problem);
  }

  /// "warehouse_path": the one that runs and is first by name, or the one that a person chooses.
  Result<std::optional<std::string>> from_workspace(const Property& property) {
    if (property.format != "warehouse_path" || !facts_.warehouses) {
      return std::optional<std::string>();
    }
    PIER_TRY_ASSIGN(const auto warehouses, facts_.warehouses());
    if (warehouses.empty()) {
      return Error{.kind = ErrorKind::not_found,
                   .code = "PIER5009",
                   .message = "the workspace has no SQL warehouse for \"" + property.name + "\"",
                   .hint = "make one, or name its path in a --config-file"};
    }
    auto id = warehouses.front().id;
    if (prompter_ != nullptr && warehouses.size() > 1) {
      PIER_TRY_ASSIGN(id, choose_warehouse(property, warehouses));
    }
    return std::optional("/sql/1.0/warehouses/" + id);
  }

  Result<std::string> choose_warehouse(const Property& property, const std::vector<Warehouse>& warehouses) {
    Question question;
    PIER_TRY_ASSIGN(question.text, render(property, property.description));
    std::map<std::string, std::string> ids; // by what is shown
    for (const auto& warehouse : warehouses) {
      question.choices.push_back(warehouse.name + " (" + warehouse.id + ")");
      ids.emplace(question.choices.back(), warehouse.id);
    }
    question.default_answer = question.choices.front();
    PIER_TRY_ASSIGN(const auto chosen, prompter_->ask(question));
    return ids.at(chosen);
  }

  Result<std::string> render(const Property& property, std::string_view text) {
    return render_text(property.name, text, answers_, facts_);
  }

  Result<Json> default_of(const Property& property) {
    if (!property.default_value.is_string()) {
      return property.default_value;
    }
    PIER_TRY_ASSIGN(const auto text, render(property, property.default_value.as_string()));
    return parse_answer(property, text);
  }

  Result<void> use_default(const Property& property) {
    if (property.default_value.is_null() && words_ == Words::official) {
      return invalid("no value provided for required property " + property.name);
    }
    if (property.default_value.is_null()) {
      return Error{.kind = ErrorKind::usage,
                   .code = "PIER5009",
                   .message = "there is no value for \"" + property.name + "\", and it has no default",
                   .hint = "pass --set " + property.name + "=VALUE or a --config-file"};
    }
    PIER_TRY_ASSIGN(auto value, default_of(property));
    PIER_TRY(check_finally(property, value));
    answers_.insert_or_assign(property.name, std::move(value));
    return {};
  }

  Result<void> ask(const Property& property) {
    Question question;
    PIER_TRY_ASSIGN(question.text, render(property, property.description));
    if (!property.default_value.is_null()) {
      PIER_TRY_ASSIGN(const auto value, default_of(property));
      question.default_answer = shown(value);
    }
    for (const auto& choice : property.choices) {
      question.choices.push_back(shown(choice));
    }
    for (int attempt = 0; attempt < k_max_attempts; ++attempt) {
      PIER_TRY_ASSIGN(const auto text, prompter_->ask(question));
      auto value = parse_answer(property, text);
      if (!value) {
        reject(value.error());
        continue;
      }
      if (const auto fits = checked(property, *value); !fits) {
        reject(fits.error());
        continue;
      }
      answers_.insert_or_assign(property.name, std::move(*value));
      return {};
    }
    return Error{
        .kind = ErrorKind::usage, .code = "PIER5007", .message = "no answer to \"" + property.name + "\" was right"};
  }

  AnswerValues answers_;
  const WorkspaceFacts& facts_;
  Prompter* prompter_;
  Words words_;
};

} // namespace

Result<AnswerValues> collect_answers(const TemplateSchema& schema, AnswerValues given, const WorkspaceFacts& facts,
                                     Prompter* prompter, Words words) {
  return Collector(std::move(given), facts, prompter, words).run(schema);
}

Result<std::string> render_text(std::string_view what, std::string_view text, const AnswerValues& answers,
                                const WorkspaceFacts& facts) {
  if (text.find("{{") == std::string_view::npos) {
    return std::string(text);
  }
  Functions functions;
  add_go_functions(functions);
  add_helper_functions(functions, facts);
  Value::Map data;
  for (const auto& [name, value] : answers) {
    data.emplace(name, Value::from_json(value));
  }
  PIER_TRY_ASSIGN(const auto parsed,
                  parse_template("databricks_template_schema.json (" + std::string(what) + ")", std::string(text)));
  return execute_template(parsed, {}, Value(std::move(data)), functions);
}

Result<AnswerValues> parse_config_file(const TemplateSchema& schema, std::string_view text, Words words) {
  auto parsed = Json::parse(text);
  if (!parsed || !parsed->is_object()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER5007",
                 .message = "the config file is no JSON object" + (parsed ? "" : ": " + parsed.error().message),
                 .hint = R"(write it as {"project_name": "shop"})"};
  }
  AnswerValues out;
  for (const auto& property : schema.properties) {
    if (const auto* value = parsed->find(property.name)) {
      if (words == Words::official && !check_answer(property, *value)) {
        return Error{.kind = ErrorKind::usage, .code = "PIER5007", .message = official_problem(property, *value)};
      }
      out.insert_or_assign(property.name, *value);
    }
  }
  return out;
}

} // namespace pier::scaffold
