#pragma once

#include "core/base/json.hpp"
#include "core/base/member_order.hpp"

#include <set>
#include <string>

namespace pier::bundles {

/// How a document is written.
struct YamlStyle {
  MemberOrder order;                         ///< by name where it says nothing
  std::set<std::string, std::less<>> quoted; ///< members below which every key and scalar stands in double quotes
};

/// `value` as a YAML document in block style, byte for byte as the official CLI writes generated files: two columns
/// for a level, lists indented, texts quoted only where YAML or the look of a number or boolean asks for it.
std::string write_yaml(const Json& value, const YamlStyle& style);

} // namespace pier::bundles
