#include "core/base/member_order.hpp"

#include "core/base/ordered_members.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace pier {
namespace {

class Writer {
 public:
  Writer(int indent, bool html_escape)
      : indent_(indent),
        html_escape_(html_escape) {}

  void write(const Json& value, const MemberOrder* order, int level) {
    if (order != nullptr && !value.is_empty() && value.is_object()) {
      write_members(value.as_object(), *order, level);
    } else if (order != nullptr && !value.is_empty() && value.is_array()) {
      write_items(value.as_array(), order, level);
    } else {
      // Texts in JSON hold no line breaks, so every one of them begins a line.
      out_ += replace_all(value.dump(indent_, html_escape_), "\n", line(level));
    }
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  /// A line break and the margin of a level; nothing in compact texts.
  [[nodiscard]] std::string line(int level) const {
    return indent_ == 0 ? std::string() : "\n" + std::string(static_cast<std::size_t>(indent_ * level), ' ');
  }

  void write_members(const Json::Object& members, const MemberOrder& order, int level) {
    char separator = '{';
    for (const auto* member : in_order(members, &order)) {
      out_ += std::exchange(separator, ',') + line(level + 1);
      append_json_string(out_, member->first, html_escape_);
      out_ += indent_ == 0 ? ":" : ": ";
      write(member->second, order_below(&order, member->first), level + 1);
    }
    out_ += line(level) + "}";
  }

  void write_items(const Json::Array& items, const MemberOrder* order, int level) {
    char separator = '[';
    for (const auto& item : items) {
      out_ += std::exchange(separator, ',') + line(level + 1);
      write(item, order, level + 1);
    }
    out_ += line(level) + "]";
  }

  int indent_;
  bool html_escape_;
  std::string out_;
};

} // namespace

std::vector<const Json::Object::value_type*> in_order(const Json::Object& members, const MemberOrder* order) {
  std::vector<const Json::Object::value_type*> list;
  const auto first = order == nullptr ? std::vector<std::string>() : order->first;
  for (const auto& name : first) {
    if (const auto it = members.find(name); it != members.end()) {
      list.push_back(&*it);
    }
  }
  for (const auto& member : members) {
    if (std::find(first.begin(), first.end(), member.first) == first.end()) {
      list.push_back(&member);
    }
  }
  return list;
}

const MemberOrder* order_below(const MemberOrder* order, const std::string& name) {
  if (order == nullptr) {
    return nullptr;
  }
  auto it = order->below.find(name);
  it = it == order->below.end() ? order->below.find("*") : it;
  if (it != order->below.end()) {
    return &it->second;
  }
  return order->deep ? order : nullptr;
}

std::string dump_ordered(const Json& value, const MemberOrder& order, int indent, bool html_escape) {
  Writer writer(indent, html_escape);
  writer.write(value, &order, 0);
  return writer.take();
}

std::optional<std::string> find_unknown_member(const Json& value, const MemberOrder& order) {
  for (const auto& item : value.is_array() ? value.as_array() : Json::Array()) {
    if (auto unknown = find_unknown_member(item, order)) {
      return unknown;
    }
  }
  for (const auto& [name, member] : value.is_object() && !order.deep ? value.as_object() : Json::Object()) {
    const auto* below = order_below(&order, name);
    if (below == nullptr && std::find(order.first.begin(), order.first.end(), name) == order.first.end()) {
      return name;
    }
    if (auto unknown = below == nullptr ? std::nullopt : find_unknown_member(member, *below)) {
      return unknown;
    }
  }
  return std::nullopt;
}

} // namespace pier
