#pragma once

#include "core/base/json.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pier {

/// In which order the members of a document are written: files that other tools write by hand-made types keep
/// an order that people compare. `Json` itself sorts by name. A list passes its order on to its items.
struct MemberOrder {
  std::vector<std::string> first;           ///< written before the others, which follow by name
  std::map<std::string, MemberOrder> below; ///< by member; "*": any other

  /// The order of everything below, unless `below` says otherwise: the same names first at any depth.
  bool deep = false;
};

/// `value.dump(indent, html_escape)` with its members in that order.
std::string dump_ordered(const Json& value, const MemberOrder& order, int indent, bool html_escape);

/// The first member that a level of the order does not name, where it names all that there may be (neither "*" nor
/// `deep`); nothing when all are known.
std::optional<std::string> find_unknown_member(const Json& value, const MemberOrder& order);

} // namespace pier
