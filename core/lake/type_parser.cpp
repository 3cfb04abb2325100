#include "core/base/text.hpp"
#include "core/lake/type_names.hpp"

#include <cctype>
#include <optional>

namespace pier::lake {
namespace {

std::optional<DataType> decimal_of(std::string_view precision, std::string_view scale) {
  std::int64_t p = 0;
  std::int64_t s = 0;
  if (!parse_int64(trim(precision), p) || !parse_int64(trim(scale), s) || p < 1 || p > 38 || s < 0 || s > p) {
    return std::nullopt;
  }
  return DataType{
      .kind = TypeKind::decimal, .precision = static_cast<std::uint8_t>(p), .scale = static_cast<std::uint8_t>(s)};
}

/// Recursive descent over the SQL text of a type; depth is bounded.
class TypeParser {
 public:
  explicit TypeParser(std::string_view text)
      : text_(text) {}

  Result<DataType> parse_all() {
    PIER_TRY_ASSIGN(auto type, parse_type(0));
    skip_space();
    if (position_ != text_.size()) {
      return unsupported_type(text_);
    }
    return type;
  }

 private:
  void skip_space() {
    while (position_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[position_])) != 0) {
      ++position_;
    }
  }

  bool eat(char c) {
    skip_space();
    if (position_ < text_.size() && text_[position_] == c) {
      ++position_;
      return true;
    }
    return false;
  }

  std::string word() {
    skip_space();
    std::string out;
    if (position_ < text_.size() && text_[position_] == '`') {
      const auto end = text_.find('`', position_ + 1);
      if (end == std::string_view::npos) {
        return {};
      }
      out = text_.substr(position_ + 1, end - position_ - 1);
      position_ = end + 1;
      return out;
    }
    while (position_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[position_])) != 0 || text_[position_] == '_')) {
      out += text_[position_++];
    }
    return out;
  }

  std::vector<std::string> arguments() {
    std::vector<std::string> out;
    if (!eat('(')) {
      return out;
    }
    do {
      out.push_back(word());
    } while (eat(','));
    return eat(')') ? out : std::vector<std::string>{"", "", ""};
  }

  Result<DataType> parse_type(int depth) {
    if (depth > 32) {
      return unsupported_type(text_);
    }
    const auto name = to_upper(word());
    if (name == "ARRAY" || name == "MAP" || name == "STRUCT") {
      return parse_nested(name, depth);
    }
    if (name == "DECIMAL" || name == "DEC" || name == "NUMERIC") {
      const auto list = arguments();
      if (list.size() > 2) {
        return unsupported_type(text_);
      }
      auto type = decimal_of(list.empty() ? "10" : list[0], list.size() < 2 ? "0" : list[1]);
      return type ? Result<DataType>(*type) : unsupported_type(text_);
    }
    if (name == "VARCHAR" || name == "CHAR" || name == "CHARACTER") {
      return arguments().size() <= 1 ? Result<DataType>(DataType{}) : unsupported_type(text_);
    }
    for (const auto& scalar : k_scalars) {
      if (scalar.sql == name) {
        return DataType{.kind = scalar.kind};
      }
    }
    for (const auto& [synonym, kind] : k_synonyms) {
      if (synonym == name) {
        return DataType{.kind = kind};
      }
    }
    return unsupported_type(name.empty() ? text_ : std::string_view(name));
  }

  Result<DataType> parse_nested(std::string_view name, int depth) {
    if (!eat('<')) {
      return unsupported_type(text_);
    }
    DataType type{.kind = name == "ARRAY" ? TypeKind::array : name == "MAP" ? TypeKind::map : TypeKind::structure};
    if (type.kind != TypeKind::structure) {
      const std::size_t count = type.kind == TypeKind::array ? 1 : 2;
      for (std::size_t i = 0; i < count; ++i) {
        if (i > 0 && !eat(',')) {
          return unsupported_type(text_);
        }
        PIER_TRY_ASSIGN(auto inner, parse_type(depth + 1));
        type.fields.push_back({.name = count == 1 ? "element" : i == 0 ? "key" : "value", .type = std::move(inner)});
      }
      return eat('>') ? Result<DataType>(std::move(type)) : unsupported_type(text_);
    }
    PIER_TRY(parse_members(type, depth));
    return type;
  }

  Result<void> parse_members(DataType& type, int depth) {
    if (eat('>')) {
      return {};
    }
    do {
      auto name = word();
      eat(':');
      PIER_TRY_ASSIGN(auto inner, parse_type(depth + 1));
      Field field{.name = std::move(name), .type = std::move(inner)};
      const auto mark = position_;
      if (equals_ignore_case(word(), "NOT") && equals_ignore_case(word(), "NULL")) {
        field.nullable = false;
      } else {
        position_ = mark;
      }
      if (field.name.empty()) {
        return unsupported_type(text_);
      }
      type.fields.push_back(std::move(field));
    } while (eat(','));
    return eat('>') ? Result<void>() : unsupported_type(text_);
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

} // namespace

Result<DataType> DataType::parse(std::string_view sql_text) {
  if (sql_text.size() > 1U << 16U) {
    return unsupported_type("longer than 64 KiB");
  }
  return TypeParser(sql_text).parse_all();
}

} // namespace pier::lake
