#pragma once

#include "core/base/member_order.hpp"

#include <string>
#include <vector>

namespace pier {

/// The members in that order; without one by name.
std::vector<const Json::Object::value_type*> in_order(const Json::Object& members, const MemberOrder* order);

/// The order below a member; null: by name.
const MemberOrder* order_below(const MemberOrder* order, const std::string& name);

} // namespace pier
