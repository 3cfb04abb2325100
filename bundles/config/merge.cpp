#include "bundles/config/merge.hpp"

#include "core/model/resource_key.hpp"

#include <iterator>

namespace pier::bundles {
namespace {

bool holds_reference(const Value& value) {
  return value.is_text() && model::pure_reference(value.as_text()).has_value();
}

void report_mismatch(const Value& into, const Value& over, const std::string& context, Diagnostics& diagnostics) {
  Diagnostic problem;
  problem.code = "PIER1030";
  problem.summary =
      context + "cannot merge " + std::string(kind_word(into.kind())) + " with " + std::string(kind_word(over.kind()));
  problem.spans = {over.place().to_span()};
  problem.related = {{into.place().to_span(), "merged with this"}};
  problem.help = holds_reference(into) || holds_reference(over)
                     ? "a reference is a text until it is resolved: write the same kind in both places"
                     : "write the same kind in both places";
  diagnostics.add(std::move(problem));
}

void merge_maps(Value& into, Value over, const std::string& context, Diagnostics& diagnostics) {
  auto& map = into.as_map();
  for (auto& entry : over.as_map().entries()) {
    if (auto* mine = map.find(entry.key)) {
      mine->place = entry.place;
      merge_values(mine->value, std::move(entry.value), context, diagnostics);
    } else {
      map.set(entry.key, entry.place, std::move(entry.value));
    }
  }
  into.add_places_of(over);
}

} // namespace

void merge_values(Value& into, Value over, const std::string& context, Diagnostics& diagnostics) {
  if (over.is_nil()) {
    into.add_places_of(over);
    return;
  }
  if (into.is_nil()) {
    over.add_places_of(into);
    into = std::move(over);
    return;
  }
  if (into.kind() != over.kind()) {
    report_mismatch(into, over, context, diagnostics);
    return;
  }
  if (into.is_map()) {
    merge_maps(into, std::move(over), context, diagnostics);
    return;
  }
  if (into.is_list()) {
    auto& list = into.as_list();
    list.insert(list.end(), std::make_move_iterator(over.as_list().begin()),
                std::make_move_iterator(over.as_list().end()));
    into.add_places_of(over);
    return;
  }
  over.add_places_of(into);
  into = std::move(over);
}

} // namespace pier::bundles
