#include "core/scaffold/parser.hpp"

#include "core/base/text.hpp"
#include "core/scaffold/lexer.hpp"

#include <charconv>
#include <optional>

namespace pier::scaffold {

namespace {

constexpr int k_max_depth = 100;

/// What ended a block: {{end}}, {{else …}} or the end of the file.
enum class BlockEnd { end, otherwise, file };

std::uint32_t first_code_point(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  std::uint32_t code = more == 0 ? lead : lead & (0x3FU >> more);
  for (std::size_t i = 1; i <= static_cast<std::size_t>(more) && i < text.size(); ++i) {
    code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  return code;
}

std::optional<Value> parse_number(std::string text) {
  text = replace_all(std::move(text), "_", "");
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    text.erase(0, 1);
  }
  int base = 10;
  const auto prefix = to_lower(std::string_view(text).substr(0, 2));
  if (text.size() > 2 && (prefix == "0x" || prefix == "0o" || prefix == "0b")) {
    base = prefix == "0x" ? 16 : prefix == "0o" ? 8 : 2;
    text.erase(0, 2);
  }
  std::int64_t integer = 0;
  const char* end = text.data() + text.size();
  if (const auto [at, error] = std::from_chars(text.data(), end, integer, base); at == end && error == std::errc{}) {
    return Value(negative ? -integer : integer);
  }
  double number = 0;
  if (const auto [at, error] = std::from_chars(text.data(), end, number);
      base == 10 && at == end && error == std::errc{}) {
    return Value(negative ? -number : number);
  }
  return std::nullopt;
}

class Parser {
 public:
  Parser(TemplateFile& file, std::vector<Token> tokens)
      : file_(file),
        tokens_(std::move(tokens)) {}

  Result<void> run() {
    BlockEnd end = BlockEnd::file;
    PIER_TRY_ASSIGN(file_.main, block(end));
    if (end != BlockEnd::file) {
      return fail(last_action_, end == BlockEnd::end ? "{{end}} without a beginning" : "{{else}} without {{if}}");
    }
    return {};
  }

 private:
  const Token& peek() const { return tokens_[next_]; }

  const Token& take() { return tokens_[next_ + 1 < tokens_.size() ? next_++ : next_]; }

  bool accept(TokenKind kind) {
    if (peek().kind != kind) {
      return false;
    }
    take();
    return true;
  }

  bool accept_word(std::string_view word) {
    if (peek().kind != TokenKind::word || peek().text != word) {
      return false;
    }
    take();
    return true;
  }

  [[nodiscard]] Error fail(std::size_t offset, std::string what) const {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER5001",
                 .message = position_text(file_.name, file_.source, offset) + ": " + std::move(what)};
  }

  Result<void> expect_close(std::string_view what) {
    if (!accept(TokenKind::close)) {
      return fail(peek().offset, "unexpected text in {{" + std::string(what) + "}}");
    }
    return {};
  }

  /// Statements up to {{end}}, {{else}} (left for the caller to go on with) or the end of the file.
  Result<Block> block(BlockEnd& end) {
    if (++depth_ > k_max_depth) {
      return fail(peek().offset, "blocks are nested too deeply");
    }
    Block out;
    while (true) {
      const Token token = take();
      if (token.kind == TokenKind::end) {
        end = BlockEnd::file;
        break;
      }
      if (token.kind == TokenKind::text) {
        out.push_back({.kind = Statement::Kind::text, .text = token.text, .offset = token.offset});
        continue;
      }
      last_action_ = token.offset;
      if (accept_word("end")) {
        PIER_TRY(expect_close("end"));
        end = BlockEnd::end;
        break;
      }
      if (accept_word("else")) {
        end = BlockEnd::otherwise;
        break;
      }
      PIER_TRY(action(out, token.offset));
    }
    --depth_;
    return out;
  }

  Result<void> action(Block& out, std::size_t offset) {
    if (accept_word("if")) {
      return control(out, Statement::Kind::branch, "if", offset);
    }
    if (accept_word("with")) {
      return control(out, Statement::Kind::with, "with", offset);
    }
    if (accept_word("range")) {
      ++loops_;
      auto result = control(out, Statement::Kind::range, "range", offset);
      --loops_;
      return result;
    }
    if (accept_word("define")) {
      return define(offset);
    }
    if (accept_word("block")) {
      return inline_block(out, offset);
    }
    if (accept_word("template")) {
      return call(out, offset);
    }
    const bool leaves = peek().kind == TokenKind::word && peek().text == "break";
    if (leaves || (peek().kind == TokenKind::word && peek().text == "continue")) {
      const auto word = take().text;
      if (loops_ == 0) {
        return fail(offset, "{{" + word + "}} outside of {{range}}");
      }
      out.push_back({.kind = leaves ? Statement::Kind::leave : Statement::Kind::proceed, .offset = offset});
      return expect_close(word);
    }
    Statement statement{.kind = Statement::Kind::output, .offset = offset};
    PIER_TRY_ASSIGN(statement.pipeline, pipeline(TokenKind::close));
    out.push_back(std::move(statement));
    return {};
  }

  Result<void> control(Block& out, Statement::Kind kind, std::string_view word, std::size_t offset) {
    Statement statement{.kind = kind, .offset = offset};
    PIER_TRY_ASSIGN(statement.pipeline, pipeline(TokenKind::close));
    if (kind != Statement::Kind::range && statement.pipeline.variables.size() > 1) {
      return fail(offset, "only {{range}} declares two variables");
    }
    BlockEnd end = BlockEnd::file;
    PIER_TRY_ASSIGN(statement.body, block(end));
    if (end == BlockEnd::otherwise) {
      const auto else_offset = last_action_;
      const bool chains = (kind == Statement::Kind::branch && accept_word("if")) ||
                          (kind == Statement::Kind::with && accept_word("with"));
      if (chains) { // {{else if x}}…{{end}} is {{else}}{{if x}}…{{end}}{{end}} with one end
        if (++depth_ > k_max_depth) {
          return fail(else_offset, "blocks are nested too deeply");
        }
        PIER_TRY(control(statement.otherwise, kind, word, else_offset));
        --depth_;
        out.push_back(std::move(statement));
        return {};
      }
      PIER_TRY(expect_close("else"));
      PIER_TRY_ASSIGN(statement.otherwise, block(end));
      if (end == BlockEnd::otherwise) {
        return fail(last_action_, "a second {{else}} for the same {{" + std::string(word) + "}}");
      }
    }
    if (end == BlockEnd::file) {
      return fail(offset, "{{" + std::string(word) + "}} is never closed with {{end}}");
    }
    out.push_back(std::move(statement));
    return {};
  }

  Result<std::string> template_name(std::string_view word) {
    if (peek().kind != TokenKind::quoted) {
      return fail(peek().offset, "{{" + std::string(word) + "}} needs a name in quotes");
    }
    return take().text;
  }

  Result<void> define(std::size_t offset) {
    PIER_TRY_ASSIGN(auto name, template_name("define"));
    PIER_TRY(expect_close("define"));
    if (depth_ > 1) {
      return fail(offset, "{{define}} stands outside of other blocks");
    }
    return define_block(std::move(name), "define", offset);
  }

  Result<void> define_block(std::string name, std::string_view word, std::size_t offset) {
    BlockEnd end = BlockEnd::file;
    PIER_TRY_ASSIGN(auto body, block(end));
    if (end != BlockEnd::end) {
      return fail(offset, "{{" + std::string(word) + "}} is never closed with {{end}}");
    }
    file_.definitions.insert_or_assign(std::move(name), std::move(body));
    return {};
  }

  Result<void> inline_block(Block& out, std::size_t offset) {
    Statement statement{.kind = Statement::Kind::call, .offset = offset};
    PIER_TRY_ASSIGN(statement.text, template_name("block"));
    PIER_TRY_ASSIGN(statement.pipeline, pipeline(TokenKind::close));
    PIER_TRY(define_block(statement.text, "block", offset));
    out.push_back(std::move(statement));
    return {};
  }

  Result<void> call(Block& out, std::size_t offset) {
    Statement statement{.kind = Statement::Kind::call, .offset = offset};
    PIER_TRY_ASSIGN(statement.text, template_name("template"));
    if (!accept(TokenKind::close)) {
      PIER_TRY_ASSIGN(statement.pipeline, pipeline(TokenKind::close));
    }
    out.push_back(std::move(statement));
    return {};
  }

  /// Up to and including the token `until`.
  Result<Pipeline> pipeline(TokenKind until) {
    if (++depth_ > k_max_depth) {
      return fail(peek().offset, "parentheses are nested too deeply");
    }
    Pipeline out{.offset = peek().offset};
    PIER_TRY(declaration(out));
    while (true) {
      Command command;
      while (peek().kind != TokenKind::pipe && peek().kind != until) {
        PIER_TRY_ASSIGN(auto word, operand(command.operands.empty()));
        command.operands.push_back(std::move(word));
      }
      if (command.operands.empty()) {
        return fail(peek().offset, "a value is missing here");
      }
      const auto& first = command.operands.front();
      if (!out.commands.empty() && first.kind == Operand::Kind::literal) {
        return fail(first.offset, "a value cannot be piped into a literal");
      }
      out.commands.push_back(std::move(command));
      if (take().kind == until) {
        break;
      }
    }
    --depth_;
    return out;
  }

  Result<void> declaration(Pipeline& out) {
    const auto begin = next_;
    while (peek().kind == TokenKind::variable && out.variables.size() < 2) {
      out.variables.push_back(take().text);
      if (!accept(TokenKind::comma)) {
        break;
      }
    }
    if (!out.variables.empty() && (peek().kind == TokenKind::declare || peek().kind == TokenKind::assign)) {
      out.assigns = take().kind == TokenKind::assign;
      return {};
    }
    if (out.variables.size() > 1) {
      return fail(peek().offset, ":= is missing after the variables");
    }
    next_ = begin;
    out.variables.clear();
    return {};
  }

  Result<Operand> operand(bool is_first) {
    const Token token = take();
    Operand out{.offset = token.offset};
    if (!is_first && !token.space_before) {
      return fail(token.offset, "a space is missing here");
    }
    switch (token.kind) {
    case TokenKind::dot: break;
    case TokenKind::field: out.fields.push_back(token.text); break;
    case TokenKind::variable:
      out.kind = Operand::Kind::variable;
      out.name = token.text;
      break;
    case TokenKind::quoted: return literal(std::move(out), token.text);
    case TokenKind::character: return literal(std::move(out), static_cast<std::int64_t>(first_code_point(token.text)));
    case TokenKind::number: {
      auto number = parse_number(token.text);
      if (!number) {
        return fail(token.offset, "\"" + token.text + "\" is no number");
      }
      return literal(std::move(out), std::move(*number));
    }
    case TokenKind::word: return word(std::move(out), token);
    case TokenKind::left_paren: {
      out.kind = Operand::Kind::pipeline;
      PIER_TRY_ASSIGN(auto inner, pipeline(TokenKind::right_paren));
      out.pipeline = std::make_shared<const Pipeline>(std::move(inner));
      break;
    }
    case TokenKind::end:
    case TokenKind::text:
    case TokenKind::open:
    case TokenKind::close: return fail(token.offset, "the action or parenthesis ends too early");
    default: return fail(token.offset, "unexpected token");
    }
    while (peek().kind == TokenKind::field && !peek().space_before) {
      out.fields.push_back(take().text);
    }
    return out;
  }

  static Result<Operand> literal(Operand out, Value value) {
    out.kind = Operand::Kind::literal;
    out.literal = std::move(value);
    return out;
  }

  Result<Operand> word(Operand out, const Token& token) {
    if (token.text == "true" || token.text == "false") {
      return literal(std::move(out), token.text == "true");
    }
    if (token.text == "nil") {
      return literal(std::move(out), Value());
    }
    out.kind = Operand::Kind::function;
    out.name = token.text;
    return out;
  }

  TemplateFile& file_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  std::size_t last_action_ = 0;
  int depth_ = 0;
  int loops_ = 0;
};

} // namespace

Result<TemplateFile> parse_template(std::string name, std::string source) {
  TemplateFile file{.name = std::move(name), .source = std::move(source)};
  PIER_TRY_ASSIGN(auto tokens, tokenize(file.name, file.source));
  PIER_TRY(Parser(file, std::move(tokens)).run());
  return file;
}

} // namespace pier::scaffold
