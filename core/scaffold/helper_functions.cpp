#include "core/scaffold/helper_functions.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/scaffold/go_functions.hpp"
#include "core/scaffold/pattern.hpp"

#include <cctype>
#include <memory>
#include <random>

namespace pier::scaffold {

namespace {

using Arguments = std::span<const Value>;

Error wrong(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "PIER5002", .message = std::move(message)};
}

Error no_member(std::string_view what, std::string_view name) {
  return wrong(std::string(what) + " has no field or method \"" + std::string(name) + "\"");
}

Result<std::string> text_argument(std::string_view function, Arguments arguments, std::size_t index) {
  if (index >= arguments.size() || arguments[index].text() == nullptr) {
    return wrong("\"" + std::string(function) + "\" needs a string");
  }
  return *arguments[index].text();
}

class RegexObject final : public Object {
 public:
  explicit RegexObject(Pattern pattern)
      : pattern_(std::move(pattern)) {}

  [[nodiscard]] Result<Value> member(std::string_view name, Arguments arguments) const override {
    if (name == "String") {
      return Value(pattern_.expression());
    }
    PIER_TRY_ASSIGN(const auto subject, text_argument(name, arguments, 0));
    if (name == "MatchString") {
      PIER_TRY_ASSIGN(const bool matches, pattern_.matches(subject));
      return Value(matches);
    }
    if (name == "FindString" || name == "FindStringSubmatch") {
      PIER_TRY_ASSIGN(const auto groups, pattern_.find(subject));
      if (name == "FindString") {
        return Value(groups.empty() ? std::string() : groups.front());
      }
      return Value(Value::List(groups.begin(), groups.end()));
    }
    if (name == "ReplaceAllString") {
      PIER_TRY_ASSIGN(const auto replacement, text_argument(name, arguments, 1));
      PIER_TRY_ASSIGN(auto replaced, pattern_.replace_all(subject, replacement));
      return Value(std::move(replaced));
    }
    return no_member("a regular expression", name);
  }

  [[nodiscard]] std::string to_string() const override { return pattern_.expression(); }

 private:
  Pattern pattern_;
};

/// The parts of a URL by RFC 3986, appendix B.
class UrlObject final : public Object {
 public:
  explicit UrlObject(std::string text)
      : text_(std::move(text)) {
    std::string_view rest = text_;
    take_after(rest, '#', fragment_);
    take_after(rest, '?', query_);
    const auto colon = rest.find(':');
    if (colon != std::string_view::npos && rest.find('/') > colon) {
      scheme_ = to_lower(rest.substr(0, colon));
      rest.remove_prefix(colon + 1);
    }
    if (rest.starts_with("//")) {
      rest.remove_prefix(2);
      const auto end = std::min(rest.find('/'), rest.size());
      host_ = rest.substr(0, end);
      rest.remove_prefix(end);
      if (const auto at = host_.rfind('@'); at != std::string::npos) {
        host_.erase(0, at + 1);
      }
    }
    path_ = rest;
  }

  [[nodiscard]] Result<Value> member(std::string_view name, Arguments /*arguments*/) const override {
    if (name == "Scheme") {
      return Value(scheme_);
    }
    if (name == "Host") {
      return Value(host_);
    }
    if (name == "Hostname" || name == "Port") {
      const auto colon = host_.ends_with(']') ? std::string::npos : host_.rfind(':');
      const bool has_port = colon != std::string::npos;
      if (name == "Hostname") {
        return Value(has_port ? host_.substr(0, colon) : host_);
      }
      return Value(has_port ? host_.substr(colon + 1) : std::string());
    }
    if (name == "Path" || name == "EscapedPath") {
      return Value(path_);
    }
    if (name == "RawQuery") {
      return Value(query_);
    }
    if (name == "Fragment") {
      return Value(fragment_);
    }
    if (name == "String") {
      return Value(text_);
    }
    return no_member("a URL", name);
  }

  [[nodiscard]] std::string to_string() const override { return text_; }

 private:
  static void take_after(std::string_view& rest, char mark, std::string& part) {
    if (const auto at = rest.find(mark); at != std::string_view::npos) {
      part = rest.substr(at + 1);
      rest = rest.substr(0, at);
    }
  }

  std::string text_, scheme_, host_, path_, query_, fragment_;
};

Error needs_workspace(std::string_view what) {
  return Error{.kind = ErrorKind::invalid_state,
               .code = "PIER5004",
               .message = "the template asks for " + std::string(what) + ", which needs a workspace",
               .hint = "name one: pier init --profile NAME, or set DATABRICKS_HOST"};
}

template <class T> Function fact(std::function<Result<T>()> ask, std::string_view what) {
  return [ask = std::move(ask), what](Arguments) -> Result<Value> {
    if (!ask) {
      return needs_workspace(what);
    }
    PIER_TRY_ASSIGN(auto value, ask());
    return Value(std::move(value));
  };
}

/// By the domain of the host: the clouds name their machines differently.
std::string smallest_node_type(std::string_view host) {
  if (host.find(".azuredatabricks.") != std::string_view::npos ||
      host.find("databricks.azure.") != std::string_view::npos) {
    return "Standard_D3_v2";
  }
  return host.find(".gcp.databricks.com") != std::string_view::npos ? "n1-standard-4" : "i3.xlarge";
}

Result<Value> random_integer(Arguments arguments) {
  const auto* limit = arguments.size() == 1 ? arguments[0].get<std::int64_t>() : nullptr;
  if (limit == nullptr || *limit <= 0) {
    return wrong("\"random_int\" needs a positive integer");
  }
  std::random_device source;
  return Value(std::uniform_int_distribution<std::int64_t>(0, *limit - 1)(source));
}

Result<Value> make_pair(Arguments arguments) {
  if (arguments.size() != 2 || arguments[0].text() == nullptr) {
    return wrong("\"pair\" needs a name and a value");
  }
  return Value(Value::List{arguments[0], arguments[1]});
}

Result<Value> make_map(Arguments arguments) {
  Value::Map map;
  for (const auto& argument : arguments) {
    const auto* pair = argument.get<Value::List>();
    if (pair == nullptr || pair->size() != 2 || pair->front().text() == nullptr) {
      return wrong("\"map\" takes pairs");
    }
    map.insert_or_assign(*pair->front().text(), pair->back());
  }
  return Value(std::move(map));
}

void add_workspace_functions(Functions& functions, const WorkspaceFacts& facts) {
  functions["workspace_host"] = fact(facts.host, "the workspace's host");
  functions["user_name"] = fact(facts.user_name, "the signed-in user");
  functions["is_service_principal"] = fact(facts.is_service_principal, "the signed-in user");
  functions["short_name"] = [ask = facts.user_name](Arguments) -> Result<Value> {
    if (!ask) {
      return needs_workspace("the signed-in user");
    }
    PIER_TRY_ASSIGN(const auto name, ask());
    return Value(short_user_name(name));
  };
  functions["default_catalog"] = [ask = facts.default_catalog](Arguments) -> Result<Value> {
    if (!ask) {
      return Value("");
    }
    PIER_TRY_ASSIGN(auto name, ask());
    return Value(std::move(name));
  };
  functions["smallest_node_type"] = [ask = facts.host](Arguments) -> Result<Value> {
    if (!ask) {
      return needs_workspace("the workspace's cloud");
    }
    PIER_TRY_ASSIGN(const auto host, ask());
    return Value(smallest_node_type(host));
  };
  functions["record_deployment_history"] = [set = facts.record_deployment_history](Arguments) -> Result<Value> {
    return Value(set);
  };
}

} // namespace

std::string short_user_name(std::string_view user_name) {
  std::string out;
  for (const char c : to_lower(user_name.substr(0, user_name.find('@')))) {
    const bool keeps = std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
    if (keeps) {
      out += c;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  while (out.ends_with('_')) {
    out.pop_back();
  }
  return out;
}

void add_helper_functions(Functions& functions, const WorkspaceFacts& facts) {
  functions["fail"] = [](Arguments arguments) -> Result<Value> {
    PIER_TRY_ASSIGN(const auto format, text_argument("fail", arguments, 0));
    PIER_TRY_ASSIGN(auto message, go_format(format, arguments.subspan(1)));
    return Error{.kind = ErrorKind::invalid_argument, .code = "PIER5005", .message = std::move(message)};
  };
  functions["regexp"] = [](Arguments arguments) -> Result<Value> {
    PIER_TRY_ASSIGN(const auto expression, text_argument("regexp", arguments, 0));
    PIER_TRY_ASSIGN(auto pattern, Pattern::compile(expression));
    return Value(Value::ObjectRef(std::make_shared<const RegexObject>(std::move(pattern))));
  };
  functions["url"] = [](Arguments arguments) -> Result<Value> {
    PIER_TRY_ASSIGN(auto text, text_argument("url", arguments, 0));
    return Value(Value::ObjectRef(std::make_shared<const UrlObject>(std::move(text))));
  };
  functions["random_int"] = random_integer;
  functions["uuid"] = [](Arguments) -> Result<Value> { return Value(random_uuid()); };
  functions["bundle_uuid"] = [id = random_uuid()](Arguments) -> Result<Value> { return Value(id); };
  functions["pair"] = make_pair;
  functions["map"] = make_map;
  functions["lower"] = [](Arguments arguments) -> Result<Value> {
    PIER_TRY_ASSIGN(const auto text, text_argument("lower", arguments, 0));
    return Value(to_lower(text));
  };
  functions["upper"] = [](Arguments arguments) -> Result<Value> {
    PIER_TRY_ASSIGN(const auto text, text_argument("upper", arguments, 0));
    return Value(to_upper(text));
  };
  functions["path_separator"] = [](Arguments) -> Result<Value> { return Value("/"); };
  add_workspace_functions(functions, facts);
}

} // namespace pier::scaffold
