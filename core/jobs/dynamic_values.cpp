#include "core/jobs/dynamic_values.hpp"

#include "core/base/text.hpp"

namespace pier::jobs {
namespace {

Result<std::string> substitute_text(const std::string& text, const DynamicValues& values) {
  std::string out;
  std::size_t at = 0;
  while (true) {
    const auto begin = text.find("{{", at);
    const auto end = begin == std::string::npos ? begin : text.find("}}", begin);
    if (end == std::string::npos) {
      return out + text.substr(at);
    }
    const std::string name(trim(std::string_view(text).substr(begin + 2, end - begin - 2)));
    const auto found = values.find(name);
    if (found == values.end()) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "INVALID_PARAMETER_VALUE",
                   .message = "the local workspace does not know the dynamic value {{" + name + "}}"};
    }
    out += text.substr(at, begin - at) + found->second;
    at = end + 2;
  }
}

} // namespace

Result<Json> substitute(const Json& task, const DynamicValues& values) {
  if (task.is_string()) {
    PIER_TRY_ASSIGN(auto text, substitute_text(task.as_string(), values));
    return Json(std::move(text));
  }
  if (task.is_array()) {
    Json::Array items;
    for (const auto& item : task.as_array()) {
      PIER_TRY_ASSIGN(auto changed, substitute(item, values));
      items.push_back(std::move(changed));
    }
    return Json(std::move(items));
  }
  if (task.is_object()) {
    Json::Object members;
    for (const auto& [name, member] : task.as_object()) {
      PIER_TRY_ASSIGN(auto changed, substitute(member, values));
      members.emplace(name, std::move(changed));
    }
    return Json(std::move(members));
  }
  return task;
}

} // namespace pier::jobs
