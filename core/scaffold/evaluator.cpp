#include "core/scaffold/evaluator.hpp"

#include "core/base/text.hpp"
#include "core/scaffold/lexer.hpp"

#include <algorithm>

namespace pier::scaffold {

namespace {

constexpr std::size_t k_max_output = 16U * 1024 * 1024;
constexpr std::size_t k_max_steps = 1'000'000;
constexpr int k_max_calls = 100;

enum class Flow { next, leave, proceed };

struct Variable {
  std::string name;
  Value value;
};

class Evaluator {
 public:
  Evaluator(std::span<const TemplateFile> library, const Functions& functions)
      : library_(library),
        functions_(functions) {}

  Result<std::string> run(const TemplateFile& file, const Value& data) {
    main_ = &file;
    file_ = &file;
    variables_.push_back({"$", data});
    PIER_TRY(block(file.main, data));
    return std::move(out_);
  }

 private:
  [[nodiscard]] Error fail(std::size_t offset, std::string what, std::string hint = {}) const {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER5002",
                 .message = position_text(file_->name, file_->source, offset) + ": " + std::move(what),
                 .hint = std::move(hint)};
  }

  /// Adds the place to an error that a function raised.
  [[nodiscard]] Error at(std::size_t offset, Error error) const {
    if (error.code == "PIER5005") { // the template's author has spoken, the place is for those who look for it
      return std::move(error).with_context(position_text(file_->name, file_->source, offset));
    }
    error.message = position_text(file_->name, file_->source, offset) + ": " + error.message;
    return error;
  }

  Result<void> step(std::size_t offset) {
    if (++steps_ > k_max_steps || out_.size() > k_max_output) {
      return fail(offset, "the template does not come to an end");
    }
    return {};
  }

  Result<Flow> block(const Block& statements, const Value& dot) {
    for (const auto& statement : statements) {
      PIER_TRY(step(statement.offset));
      PIER_TRY_ASSIGN(const auto flow, run_statement(statement, dot));
      if (flow != Flow::next) {
        return flow;
      }
    }
    return Flow::next;
  }

  /// A block whose variables end with it.
  Result<Flow> scoped(const Block& statements, const Value& dot) {
    const auto mark = variables_.size();
    auto result = block(statements, dot);
    variables_.resize(std::min(mark, variables_.size()));
    return result;
  }

  Result<Flow> run_statement(const Statement& statement, const Value& dot) {
    switch (statement.kind) {
    case Statement::Kind::text: out_ += statement.text; break;
    case Statement::Kind::output: {
      PIER_TRY_ASSIGN(const auto value, pipeline(statement.pipeline, dot));
      if (statement.pipeline.variables.empty()) {
        out_ += value.to_string();
      }
      break;
    }
    case Statement::Kind::branch:
    case Statement::Kind::with: return branch(statement, dot);
    case Statement::Kind::range: return range(statement, dot);
    case Statement::Kind::call: PIER_TRY(call(statement, dot)); break;
    case Statement::Kind::leave: return Flow::leave;
    case Statement::Kind::proceed: return Flow::proceed;
    }
    return Flow::next;
  }

  Result<Flow> branch(const Statement& statement, const Value& dot) {
    const auto mark = variables_.size();
    PIER_TRY_ASSIGN(const auto value, pipeline(statement.pipeline, dot));
    const bool rebinds = statement.kind == Statement::Kind::with;
    auto result = value.is_true() ? block(statement.body, rebinds ? value : dot) : block(statement.otherwise, dot);
    variables_.resize(std::min(mark, variables_.size()));
    return result;
  }

  Result<Flow> range(const Statement& statement, const Value& dot) {
    const auto mark = variables_.size();
    PIER_TRY_ASSIGN(const auto value, pipeline(statement.pipeline, dot, true));
    auto result = range_over(statement, value, dot);
    variables_.resize(std::min(mark, variables_.size()));
    return result;
  }

  Result<Flow> range_over(const Statement& statement, const Value& value, const Value& dot) {
    std::vector<std::pair<Value, Value>> items;
    if (const auto* list = value.get<Value::List>()) {
      for (std::size_t i = 0; i < list->size(); ++i) {
        items.emplace_back(static_cast<std::int64_t>(i), (*list)[i]);
      }
    } else if (const auto* map = value.get<Value::Map>()) {
      for (const auto& [key, item] : *map) {
        items.emplace_back(key, item);
      }
    } else if (const auto* count = value.get<std::int64_t>()) {
      if (*count > static_cast<std::int64_t>(k_max_steps)) {
        return fail(statement.offset, "the range is too long");
      }
      for (std::int64_t i = 0; i < *count; ++i) {
        items.emplace_back(i, i);
      }
    } else if (!value.is_nil()) {
      return fail(statement.offset, "cannot range over a " + std::string(value.type_name()));
    }
    if (items.empty()) {
      return scoped(statement.otherwise, dot);
    }
    const auto& names = statement.pipeline.variables;
    for (const auto& [key, item] : items) {
      PIER_TRY(step(statement.offset));
      const auto mark = variables_.size();
      if (names.size() == 2) {
        PIER_TRY(bind(statement.pipeline, names[0], key));
      }
      if (!names.empty()) {
        PIER_TRY(bind(statement.pipeline, names.back(), item));
      }
      PIER_TRY_ASSIGN(const auto flow, block(statement.body, item));
      variables_.resize(std::min(mark, variables_.size()));
      if (flow == Flow::leave) {
        break;
      }
    }
    return Flow::next;
  }

  Result<void> call(const Statement& statement, const Value& dot) {
    const Block* body = nullptr;
    const TemplateFile* owner = nullptr;
    if (const auto found = main_->definitions.find(statement.text); found != main_->definitions.end()) {
      body = &found->second;
      owner = main_;
    }
    for (auto file = library_.rbegin(); body == nullptr && file != library_.rend(); ++file) {
      if (const auto found = file->definitions.find(statement.text); found != file->definitions.end()) {
        body = &found->second;
        owner = &*file;
      }
    }
    if (body == nullptr) {
      return fail(statement.offset, "there is no template \"" + statement.text + "\"");
    }
    if (++calls_ > k_max_calls) {
      return fail(statement.offset, "templates call each other too deeply");
    }
    Value data;
    if (!statement.pipeline.commands.empty()) {
      PIER_TRY_ASSIGN(data, pipeline(statement.pipeline, dot));
    }
    std::vector<Variable> fresh{{"$", data}};
    variables_.swap(fresh);
    const auto* caller = std::exchange(file_, owner);
    auto result = block(*body, data);
    file_ = caller;
    variables_.swap(fresh);
    --calls_;
    if (!result) {
      return std::move(result).error();
    }
    return {};
  }

  Result<void> bind(const Pipeline& pipe, const std::string& name, Value value) {
    if (!pipe.assigns) {
      variables_.push_back({name, std::move(value)});
      return {};
    }
    for (auto variable = variables_.rbegin(); variable != variables_.rend(); ++variable) {
      if (variable->name == name) {
        variable->value = std::move(value);
        return {};
      }
    }
    return fail(pipe.offset, "the variable " + name + " is not declared", "declare it with :=");
  }

  /// `keeps_variables`: {{range}} binds them itself, once for each item.
  Result<Value> pipeline(const Pipeline& pipe, const Value& dot, bool keeps_variables = false) {
    Value value;
    bool is_first = true;
    for (const auto& one : pipe.commands) {
      PIER_TRY_ASSIGN(value, command(one, dot, is_first ? nullptr : &value));
      is_first = false;
    }
    if (!keeps_variables) {
      for (const auto& name : pipe.variables) {
        PIER_TRY(bind(pipe, name, value));
      }
    }
    return value;
  }

  Result<Value> command(const Command& one, const Value& dot, const Value* piped) {
    const auto& head = one.operands.front();
    if (head.kind == Operand::Kind::function) {
      return function(one, dot, piped);
    }
    const bool has_arguments = one.operands.size() > 1 || piped != nullptr;
    if (!has_arguments) {
      return operand(head, dot);
    }
    if (head.fields.empty()) {
      return fail(head.offset, "only a function or method takes arguments");
    }
    PIER_TRY_ASSIGN(const auto arguments, evaluate_arguments(one, dot, piped));
    return operand(head, dot, arguments);
  }

  Result<std::vector<Value>> evaluate_arguments(const Command& one, const Value& dot, const Value* piped) {
    std::vector<Value> out;
    for (std::size_t i = 1; i < one.operands.size(); ++i) {
      PIER_TRY_ASSIGN(auto value, operand(one.operands[i], dot));
      out.push_back(std::move(value));
    }
    if (piped != nullptr) {
      out.push_back(*piped);
    }
    return out;
  }

  Result<Value> function(const Command& one, const Value& dot, const Value* piped) {
    const auto& head = one.operands.front();
    if (head.name == "and" || head.name == "or") {
      return short_circuit(one, dot, piped);
    }
    const auto found = functions_.find(head.name);
    if (found == functions_.end()) {
      return unknown_function(head);
    }
    PIER_TRY_ASSIGN(const auto arguments, evaluate_arguments(one, dot, piped));
    auto result = found->second(arguments);
    if (!result) {
      return at(head.offset, std::move(result).error());
    }
    return result;
  }

  [[nodiscard]] Error unknown_function(const Operand& head) const {
    std::vector<std::string> names{"and", "or"};
    for (const auto& [name, function] : functions_) {
      names.push_back(name);
    }
    const auto guess = nearest(head.name, names);
    return fail(head.offset, "there is no function \"" + head.name + "\"",
                guess.empty() ? "" : "did you mean \"" + guess + "\"?");
  }

  /// Stops at the first value that decides; the rest is not evaluated.
  Result<Value> short_circuit(const Command& one, const Value& dot, const Value* piped) {
    const bool stops_at = one.operands.front().name == "or";
    Value value;
    if (one.operands.size() == 1 && piped == nullptr) {
      return fail(one.operands.front().offset, "\"" + one.operands.front().name + "\" needs an argument");
    }
    for (std::size_t i = 1; i < one.operands.size(); ++i) {
      PIER_TRY_ASSIGN(value, operand(one.operands[i], dot));
      if (value.is_true() == stops_at) {
        return value;
      }
    }
    return piped != nullptr ? *piped : value;
  }

  /// A value; `arguments` go to the last field of its chain, which must then be a method.
  Result<Value> operand(const Operand& word, const Value& dot, std::span<const Value> arguments = {}) {
    PIER_TRY(step(word.offset));
    Value value;
    switch (word.kind) {
    case Operand::Kind::literal: return word.literal;
    case Operand::Kind::dot: value = dot; break;
    case Operand::Kind::variable: {
      const auto found = std::find_if(variables_.rbegin(), variables_.rend(),
                                      [&](const Variable& variable) { return variable.name == word.name; });
      if (found == variables_.rend()) {
        return fail(word.offset, "the variable " + word.name + " is not declared");
      }
      value = found->value;
      break;
    }
    case Operand::Kind::function: {
      const Command alone{{word}};
      return function(alone, dot, nullptr);
    }
    case Operand::Kind::pipeline: {
      PIER_TRY_ASSIGN(value, pipeline(*word.pipeline, dot));
      break;
    }
    }
    for (std::size_t i = 0; i < word.fields.size(); ++i) {
      const bool is_last = i + 1 == word.fields.size();
      PIER_TRY_ASSIGN(value, field(word, value, word.fields[i], is_last ? arguments : std::span<const Value>{}));
    }
    return value;
  }

  Result<Value> field(const Operand& word, const Value& value, const std::string& name,
                      std::span<const Value> arguments) {
    if (const auto* object = value.get<Value::ObjectRef>()) {
      auto result = (*object)->member(name, arguments);
      if (!result) {
        return at(word.offset, std::move(result).error());
      }
      return result;
    }
    const auto* map = value.get<Value::Map>();
    if (map == nullptr) {
      return fail(word.offset, "a " + std::string(value.type_name()) + " has no field \"" + name + "\"");
    }
    const auto found = map->find(name);
    if (found == map->end()) {
      std::vector<std::string> names;
      for (const auto& [key, item] : *map) {
        names.push_back(key);
      }
      const auto guess = nearest(name, names);
      return fail(word.offset, "there is no value \"" + name + "\"",
                  guess.empty() ? "" : "did you mean \"" + guess + "\"?");
    }
    if (!arguments.empty()) {
      return fail(word.offset, "\"" + name + "\" is a value and takes no arguments");
    }
    return found->second;
  }

  std::span<const TemplateFile> library_;
  const Functions& functions_;
  const TemplateFile* main_ = nullptr;
  const TemplateFile* file_ = nullptr; ///< that the running block comes from
  std::vector<Variable> variables_;
  std::string out_;
  std::size_t steps_ = 0;
  int calls_ = 0;
};

} // namespace

Result<std::string> execute_template(const TemplateFile& file, std::span<const TemplateFile> library, const Value& data,
                                     const Functions& functions) {
  return Evaluator(library, functions).run(file, data);
}

} // namespace pier::scaffold
