#include "core/identity/scim_filter.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <vector>

namespace pier::identity {

/// A comparison, or a combination of two (one for not).
struct ScimFilter::Node {
  enum class Kind { compare, both, either, negate };
  Kind kind = Kind::compare;
  std::vector<std::string> path;
  std::string op;
  Json value;
  std::shared_ptr<const Node> left;
  std::shared_ptr<const Node> right;
};

namespace {

using Node = ScimFilter::Node;
using NodePtr = std::shared_ptr<const Node>;

constexpr std::size_t k_max_text = 4096;
constexpr int k_max_depth = 32;

Error bad_filter(std::string_view why) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "invalidFilter",
               .message = "the filter cannot be read: " + std::string(why),
               .hint = "write for example: userName eq \"ada@example.com\""};
}

class Parser {
 public:
  explicit Parser(std::string_view text)
      : rest_(text) {}

  Result<NodePtr> parse() {
    PIER_TRY_ASSIGN(auto node, either(0));
    skip_blanks();
    if (!rest_.empty()) {
      return bad_filter("'" + std::string(rest_.substr(0, 20)) + "' is left over");
    }
    return node;
  }

 private:
  void skip_blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) {
      rest_.remove_prefix(1);
    }
  }

  std::string_view peek_word() {
    skip_blanks();
    std::size_t end = 0;
    while (end < rest_.size() && std::string_view(" \t()[]\"").find(rest_[end]) == std::string_view::npos) {
      ++end;
    }
    return rest_.substr(0, end);
  }

  bool take_word(std::string_view word) {
    if (!equals_ignore_case(peek_word(), word)) {
      return false;
    }
    rest_.remove_prefix(word.size());
    return true;
  }

  bool take(char c) {
    skip_blanks();
    if (rest_.empty() || rest_.front() != c) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  Result<NodePtr> either(int depth) {
    PIER_TRY_ASSIGN(auto left, both(depth));
    while (take_word("or")) {
      PIER_TRY_ASSIGN(auto right, both(depth));
      left = std::make_shared<Node>(Node{.kind = Node::Kind::either, .left = left, .right = right});
    }
    return left;
  }

  Result<NodePtr> both(int depth) {
    PIER_TRY_ASSIGN(auto left, single(depth));
    while (take_word("and")) {
      PIER_TRY_ASSIGN(auto right, single(depth));
      left = std::make_shared<Node>(Node{.kind = Node::Kind::both, .left = left, .right = right});
    }
    return left;
  }

  Result<NodePtr> single(int depth) {
    if (depth >= k_max_depth) {
      return bad_filter("it is nested too deep");
    }
    if (take_word("not")) {
      PIER_TRY_ASSIGN(auto inner, single(depth + 1));
      return NodePtr(std::make_shared<Node>(Node{.kind = Node::Kind::negate, .left = inner}));
    }
    if (take('(')) {
      PIER_TRY_ASSIGN(auto inner, either(depth + 1));
      if (!take(')')) {
        return bad_filter("a parenthesis is not closed");
      }
      return inner;
    }
    return comparison();
  }

  Result<NodePtr> comparison() {
    Node node;
    const auto attribute = peek_word();
    if (attribute.empty()) {
      return bad_filter("an attribute is missing");
    }
    rest_.remove_prefix(attribute.size());
    // "urn:ietf:…:User:userName" names the attribute after the last colon.
    const auto colon = attribute.rfind(':');
    node.path = split(colon == std::string_view::npos ? attribute : attribute.substr(colon + 1), '.');
    const auto op = peek_word();
    node.op = to_lower(op);
    rest_.remove_prefix(op.size());
    if (node.op == "pr") {
      return NodePtr(std::make_shared<Node>(std::move(node)));
    }
    if (node.op != "eq" && node.op != "ne" && node.op != "co" && node.op != "sw" && node.op != "ew") {
      return bad_filter("'" + std::string(op.substr(0, 20)) + "' is none of eq, ne, co, sw, ew, pr");
    }
    PIER_TRY_ASSIGN(node.value, value());
    return NodePtr(std::make_shared<Node>(std::move(node)));
  }

  Result<Json> value() {
    skip_blanks();
    if (rest_.empty() || rest_.front() != '"') {
      const auto word = peek_word();
      auto parsed = Json::parse(to_lower(word));
      if (!parsed || parsed->is_array() || parsed->is_object()) {
        return bad_filter("a value is missing or not quoted");
      }
      rest_.remove_prefix(word.size());
      return parsed;
    }
    std::size_t end = 1;
    while (end < rest_.size() && rest_[end] != '"') {
      end += rest_[end] == '\\' ? std::size_t{2} : std::size_t{1};
    }
    if (end >= rest_.size()) {
      return bad_filter("a quoted value is not closed");
    }
    auto parsed = Json::parse(rest_.substr(0, end + 1));
    if (!parsed) {
      return bad_filter("a quoted value is not valid");
    }
    rest_.remove_prefix(end + 1);
    return parsed;
  }

  std::string_view rest_;
};

bool compare(std::string_view op, const Json& held, const Json& wanted) {
  if (!held.is_string() || !wanted.is_string()) {
    // Ids are texts in SCIM, booleans also come quoted.
    const auto text = [](const Json& value) { return value.is_string() ? to_lower(value.as_string()) : value.dump(); };
    return op == "eq" && text(held) == text(wanted);
  }
  const auto a = to_lower(held.as_string());
  const auto b = to_lower(wanted.as_string());
  if (op == "eq") {
    return a == b;
  }
  if (op == "co") {
    return a.find(b) != std::string::npos;
  }
  return op == "sw" ? a.starts_with(b) : op == "ew" && a.ends_with(b);
}

bool any_match(const Node& node, const Json& value, std::size_t depth) {
  if (value.is_array()) {
    return std::any_of(value.as_array().begin(), value.as_array().end(),
                       [&](const Json& item) { return any_match(node, item, depth); });
  }
  if (depth == node.path.size()) {
    if (value.is_object()) { // a complex value means its "value"
      const auto* inner = find_attribute(value, "value");
      return inner != nullptr && any_match(node, *inner, depth);
    }
    return node.op == "pr" ? !value.is_null() : compare(node.op, value, node.value);
  }
  const auto* member = find_attribute(value, node.path[depth]);
  return member != nullptr && any_match(node, *member, depth + 1);
}

bool evaluate(const Node& node, const Json& resource) {
  switch (node.kind) {
  case Node::Kind::both: return evaluate(*node.left, resource) && evaluate(*node.right, resource);
  case Node::Kind::either: return evaluate(*node.left, resource) || evaluate(*node.right, resource);
  case Node::Kind::negate: return !evaluate(*node.left, resource);
  case Node::Kind::compare: break;
  }
  if (node.op == "ne") {
    auto same = node;
    same.op = "eq";
    return !any_match(same, resource, 0);
  }
  return any_match(node, resource, 0);
}

} // namespace

const Json* find_attribute(const Json& object, std::string_view name) {
  if (!object.is_object()) {
    return nullptr;
  }
  const auto& members = object.as_object();
  const auto it = std::find_if(members.begin(), members.end(),
                               [&](const auto& member) { return equals_ignore_case(member.first, name); });
  return it == members.end() ? nullptr : &it->second;
}

Result<ScimFilter> ScimFilter::parse(std::string_view text) {
  if (text.size() > k_max_text) {
    return bad_filter("it is longer than 4096 characters");
  }
  PIER_TRY_ASSIGN(auto root, Parser(text).parse());
  return ScimFilter(std::move(root));
}

bool ScimFilter::matches(const Json& resource) const {
  return evaluate(*root_, resource);
}

} // namespace pier::identity
