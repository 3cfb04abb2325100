#include "bundles/variables/json_fault.hpp"

#include <algorithm>
#include <vector>

namespace pier::bundles {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string quoted(char c) {
  switch (c) {
  case '\'': return R"('\'')";
  case '"': return R"('"')";
  case '\n': return R"('\n')";
  case '\r': return R"('\r')";
  case '\t': return R"('\t')";
  default: return std::string("'") + c + "'";
  }
}

/// Reads token after token until one is wrong; `token` is where the last one starts.
class Reader {
 public:
  explicit Reader(std::string_view text)
      : text_(text) {}

  std::string find_fault();

  [[nodiscard]] std::size_t token() const { return token_; }

 private:
  enum class Expect { value, array_start, array_comma, object_start, object_key, colon, object_comma, end };

  bool more() {
    const auto end = at_; // of the last token, where a text that ends too early is wrong
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
    token_ = at_ < text_.size() ? at_ : end;
    return at_ < text_.size();
  }

  [[nodiscard]] std::string wrong(std::string_view context) const {
    return at_ < text_.size() ? "invalid character " + quoted(text_[at_]) + std::string(context) : "unexpected EOF";
  }

  void value_is_over() {
    expect_ = open_.empty() ? Expect::end : open_.back() == '[' ? Expect::array_comma : Expect::object_comma;
  }

  std::string take_punctuation(char c);
  std::string scalar();
  std::string string();
  std::string number();
  std::string literal(std::string_view word);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t token_ = 0;
  Expect expect_ = Expect::value;
  std::vector<char> open_;
};

std::string Reader::find_fault() {
  while (more()) {
    if (expect_ == Expect::end) {
      return "unexpected additional content";
    }
    const char c = text_[at_];
    const bool punctuation = std::string_view("[]{},:").find(c) != std::string_view::npos;
    if (auto fault = punctuation ? take_punctuation(c) : scalar(); !fault.empty()) {
      return fault;
    }
  }
  return "unexpected end of JSON input";
}

std::string Reader::take_punctuation(char c) {
  const bool value_allowed = expect_ == Expect::value || expect_ == Expect::array_start;
  if ((c == '[' || c == '{') && value_allowed) {
    open_.push_back(c);
    expect_ = c == '[' ? Expect::array_start : Expect::object_start;
  } else if ((c == ']' && (expect_ == Expect::array_start || expect_ == Expect::array_comma)) ||
             (c == '}' && (expect_ == Expect::object_start || expect_ == Expect::object_comma))) {
    open_.pop_back();
    value_is_over();
  } else if ((c == ',' && expect_ == Expect::array_comma) || (c == ':' && expect_ == Expect::colon)) {
    expect_ = Expect::value;
  } else if (c == ',' && expect_ == Expect::object_comma) {
    expect_ = Expect::object_key;
  } else {
    switch (expect_) {
    case Expect::array_comma: return wrong(" after array element");
    case Expect::object_key: return wrong(" looking for beginning of object key string");
    case Expect::colon: return wrong(" after object key");
    case Expect::object_comma: return wrong(" after object key:value pair");
    case Expect::object_start: return wrong("");
    default: return wrong(" looking for beginning of value");
    }
  }
  ++at_;
  return {};
}

std::string Reader::scalar() {
  const char c = text_[at_];
  if (expect_ == Expect::object_start || expect_ == Expect::object_key) {
    if (c != '"') {
      return wrong(expect_ == Expect::object_key ? " looking for beginning of object key string" : "");
    }
    expect_ = Expect::colon;
    return string();
  }
  if (expect_ != Expect::value && expect_ != Expect::array_start) {
    return take_punctuation(c);
  }
  value_is_over();
  switch (c) {
  case '"': return string();
  case 't': return literal("true");
  case 'f': return literal("false");
  case 'n': return literal("null");
  default: return c == '-' || is_digit(c) ? number() : wrong(" looking for beginning of value");
  }
}

std::string Reader::literal(std::string_view word) {
  for (const char expected : word) {
    if (at_ >= text_.size() || text_[at_] != expected) {
      return wrong(" in literal " + std::string(word) + " (expecting " + quoted(expected) + ")");
    }
    ++at_;
  }
  return {};
}

std::string Reader::string() {
  for (++at_; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '"') {
      ++at_;
      return {};
    }
    if (static_cast<unsigned char>(c) < 0x20) {
      return wrong(" in string literal");
    }
    if (c == '\\') {
      ++at_;
      if (at_ < text_.size() && std::string_view("\"\\/bfnrtu").find(text_[at_]) == std::string_view::npos) {
        return wrong(" in string escape code");
      }
    }
  }
  return "unexpected EOF";
}

std::string Reader::number() {
  const auto digits = [this] {
    const auto begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) {
      ++at_;
    }
    return at_ > begin;
  };
  at_ += text_[at_] == '-' ? 1U : 0U;
  if (at_ < text_.size() && text_[at_] == '0') {
    ++at_;
  } else if (!digits()) {
    return wrong(" in numeric literal");
  }
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    if (!digits()) {
      return wrong(" after decimal point in numeric literal");
    }
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    ++at_;
    at_ += at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-') ? 1U : 0U;
    if (!digits()) {
      return wrong(" in exponent of numeric literal");
    }
  }
  return {};
}

} // namespace

std::string describe_json_fault(std::string_view text, const std::string& file) {
  Reader reader(text);
  const auto fault = reader.find_fault();
  const auto before = text.substr(0, reader.token());
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const auto column = before.size() - (before.rfind('\n') + 1) + 1; // npos + 1 is 0: the first line
  return "error decoding JSON at " + file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + fault;
}

} // namespace pier::bundles
