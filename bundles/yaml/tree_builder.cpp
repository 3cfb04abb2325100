#include "bundles/yaml/tree_builder.hpp"

#include "bundles/yaml/reader.hpp"
#include "bundles/yaml/scalar.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace pier::bundles {
namespace {

constexpr std::string_view k_core_tags = "tag:yaml.org,2002:";

std::size_t depth_of(const Value& value) {
  std::size_t deepest = 0;
  if (value.is_list()) {
    for (const auto& item : value.as_list()) {
      deepest = std::max(deepest, depth_of(item));
    }
  } else if (value.is_map()) {
    for (const auto& entry : value.as_map().entries()) {
      deepest = std::max(deepest, depth_of(entry.value));
    }
  } else {
    return 0;
  }
  return deepest + 1;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

/// "tag:yaml.org,2002:int" → "!!int"
std::string short_tag(std::string_view tag) {
  if (tag.substr(0, k_core_tags.size()) == k_core_tags) {
    return "!!" + std::string(tag.substr(k_core_tags.size()));
  }
  return std::string(tag);
}

/// Value of a quoted scalar that holds nothing but blanks: yaml-cpp forgets line breaks without a text between them.
std::string folded_breaks(std::string_view text, std::size_t offset) {
  std::size_t breaks = 0;
  for (std::size_t i = offset + 1; i < text.size() && (text[i] == '\n' || is_blank(text[i])); ++i) {
    breaks += text[i] == '\n' ? 1U : 0U;
  }
  return breaks == 0 ? std::string() : breaks == 1 ? " " : std::string(breaks - 1, '\n');
}

bool is_plain(const std::string& tag) {
  return tag == "?" || tag.empty();
}

} // namespace

void TreeBuilder::report(std::string code, std::string summary, Place place, std::string help) {
  diagnostics_.error(std::move(code), std::move(summary), {place.to_span()}, std::move(help));
}

void TreeBuilder::report_key(std::string summary, Place place, std::string help) {
  diagnostics_.add({.code = "PIER1005",
                    .summary = std::move(summary),
                    .help = std::move(help),
                    .spans = {place.to_span()},
                    .related = {{.span = stack_.back().value.place().to_span(), .label = "in this mapping"}}});
}

bool TreeBuilder::expects_key() const {
  return !stack_.empty() && stack_.back().value.is_map() && !stack_.back().key;
}

void TreeBuilder::null(Position at, std::size_t anchor) {
  const auto rest = source_.text().substr(std::min(at.offset, source_.text().size()));
  std::string literal;
  for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
    if (rest.substr(0, word.size()) == word) {
      literal = word;
    }
  }
  if (expects_key()) {
    take_key(at, literal.empty() ? "null" : literal, "!!null", false);
    return;
  }
  Place place = source_.scalar_place(at, literal);
  if (literal.empty() && !stack_.empty() && stack_.back().key && !stack_.back().in_brackets) {
    // The parser stands at the next token; the value that is missing belongs behind the colon. In brackets the
    // official CLI names the next token.
    const auto colon = source_.text().find(':', stack_.back().key->end);
    if (colon != std::string_view::npos && colon < at.offset + 1) {
      place = source_.place({colon + 1, 0});
    }
  }
  Value nil;
  nil.set_place(place);
  place_value(std::move(nil), anchor, false);
}

void TreeBuilder::scalar(Position at, const std::string& tag, std::size_t anchor, const std::string& text) {
  if (expects_key()) {
    const bool plain = is_plain(tag);
    const auto meaning = plain ? std::string(resolve_plain_scalar(text).tag) : short_tag(tag);
    take_key(at, text, tag == "!" ? "!!str" : meaning, text == "<<" && (plain || meaning == "!!merge"));
    return;
  }
  const auto meant = text.empty() && tag == "!" ? folded_breaks(source_.text(), at.offset) : text;
  place_value(scalar_value(tag, meant, source_.scalar_place(at, meant)), anchor, false);
}

void TreeBuilder::alias(Position at, std::size_t anchor) {
  Place place = source_.place(at);
  if (expects_key()) {
    report_key("key is not a scalar", place, "write the key out");
    throw StopReading();
  }
  const auto it = anchors_.find(anchor);
  if (it == anchors_.end()) {
    report("PIER1007", "cyclic reference to anchor \"" + open_anchors_[anchor] + "\"", place,
           "an anchor cannot hold an alias to itself");
    throw StopReading();
  }
  alias_nodes_ += it->second.nodes;
  if (alias_nodes_ > k_max_alias_nodes || stack_.size() + it->second.depth > k_max_yaml_depth) {
    report("PIER1008", "aliases expand to too much", place,
           "aliases may copy at most " + std::to_string(k_max_alias_nodes) + " nodes, " +
               std::to_string(k_max_yaml_depth) + " levels deep");
    throw StopReading();
  }
  place_value(it->second.value, 0, true);
}

void TreeBuilder::open(Position at, std::size_t anchor, bool is_list) {
  const Place place = source_.place(at);
  if (expects_key()) {
    report_key("key is not a scalar", place, "a key of a mapping must be a text");
    throw StopReading();
  }
  if (stack_.size() >= k_max_yaml_depth) {
    report("PIER1008", "YAML is nested too deeply", place,
           "at most " + std::to_string(k_max_yaml_depth) + " levels are read");
    throw StopReading();
  }
  if (anchor != 0) {
    open_anchors_[anchor] = std::move(next_anchor_name_);
  }
  const auto& text = source_.text();
  const bool in_brackets = at.offset < text.size() && text[at.offset] == '{';
  stack_.push_back({is_list ? Value::list(place) : Value::map(place), anchor, {}, {}, false, in_brackets});
}

void TreeBuilder::close() {
  Frame frame = std::move(stack_.back());
  stack_.pop_back();
  if (frame.has_merge) {
    apply_merges(frame);
  }
  place_value(std::move(frame.value), frame.anchor, false);
}

void TreeBuilder::take_key(Position at, std::string text, std::string_view tag, bool is_merge) {
  Frame& frame = stack_.back();
  const Place place = source_.scalar_place(at, text);
  if (is_merge) {
    if (frame.has_merge) {
      report("PIER1006",
             "duplicate YAML merge key ('<<') is not allowed; to merge multiple maps, use a sequence: "
             "'<<: [*anchor1, *anchor2]'",
             place, {});
    }
    frame.has_merge = true;
  } else if (tag != "!!str" && tag != "!!null") {
    report_key("invalid key tag: " + std::string(tag), place, "put the key in quotes: \"" + text + "\"");
  }
  const std::size_t end = at.offset + text.size();
  frame.key = Key{std::move(text), place, end, is_merge};
}

void TreeBuilder::place_value(Value value, std::size_t anchor, bool from_alias) {
  if (++values_ > k_max_yaml_values) {
    report("PIER1008", "the file holds too many values", value.place(),
           "at most " + std::to_string(k_max_yaml_values) + " are read; split it into several files under 'include'");
    throw StopReading();
  }
  if (anchor != 0) {
    value.mark_anchored();
    anchors_[anchor] = {value, value.count_nodes(), depth_of(value)};
    open_anchors_.erase(anchor);
  }
  if (stack_.empty()) {
    root_ = std::move(value);
    return;
  }
  Frame& frame = stack_.back();
  if (frame.value.is_list()) {
    frame.value.as_list().push_back(std::move(value));
  } else if (frame.key->is_merge) {
    take_merge(frame, std::move(value), from_alias);
  } else {
    put_entry(frame, std::move(value));
  }
  frame.key.reset();
}

void TreeBuilder::take_merge(Frame& frame, Value value, bool from_alias) {
  const Place place = value.place().known() ? value.place() : frame.key->place;
  std::vector<Value> sources;
  if (from_alias) {
    sources.push_back(std::move(value));
  } else if (value.is_list()) {
    sources = std::move(value.as_list());
  } else {
    sources.emplace_back();
    sources.back().set_place(value.place());
  }
  for (auto& source : sources) {
    if (source.is_map()) {
      frame.merged.push_back(std::move(source));
    } else {
      report("PIER1006", "map merge requires map or sequence of maps as the value", place,
             "write '<<: *anchor' or '<<: [*anchor1, *anchor2]'");
    }
  }
}

void TreeBuilder::put_entry(Frame& frame, Value value) {
  auto& map = frame.value.as_map();
  if (const auto* earlier = map.find(frame.key->text)) {
    Diagnostic duplicate;
    duplicate.code = "PIER1901";
    duplicate.severity = Severity::warning;
    duplicate.summary = "key '" + frame.key->text + "' is written twice; the last one counts";
    duplicate.spans = {frame.key->place.to_span()};
    duplicate.related = {{earlier->place.to_span(), "first written here"}};
    duplicate.help = "remove one of them";
    diagnostics_.add(std::move(duplicate));
  }
  map.set(frame.key->text, frame.key->place, std::move(value));
}

void TreeBuilder::apply_merges(Frame& frame) {
  Mapping merged;
  for (auto& source : frame.merged) {
    for (auto& entry : source.as_map().entries()) {
      merged.set(entry.key, entry.place, std::move(entry.value));
    }
  }
  for (auto& entry : frame.value.as_map().entries()) {
    merged.set(entry.key, entry.place, std::move(entry.value));
  }
  frame.value.assign(std::move(merged));
}

Value TreeBuilder::scalar_value(const std::string& tag, const std::string& text, Place place) {
  const auto wanted = is_plain(tag) ? std::string() : tag == "!" ? "!!str" : short_tag(tag);
  if (wanted == "!!str") {
    return Value(text, place);
  }
  const auto meaning = resolve_plain_scalar(text);
  const auto kind = wanted.empty() ? std::string(meaning.tag) : wanted;
  if (kind == "!!null") {
    Value nil;
    nil.set_place(place);
    return nil;
  }
  if (kind == "!!timestamp" && is_timestamp(text)) {
    return Value(TimeText{text}, place);
  }
  if (kind == "!!str") {
    return Value(text, place);
  }
  if (meaning.tag == kind && std::holds_alternative<bool>(meaning.value)) {
    return Value(std::get<bool>(meaning.value), place);
  }
  if (meaning.tag == kind && std::holds_alternative<std::int64_t>(meaning.value)) {
    return Value(std::get<std::int64_t>(meaning.value), place);
  }
  if (kind == "!!float" && std::holds_alternative<double>(meaning.value)) {
    return Value(std::get<double>(meaning.value), place);
  }
  if (kind == "!!float" && std::holds_alternative<std::int64_t>(meaning.value)) {
    return Value(static_cast<double>(std::get<std::int64_t>(meaning.value)), place);
  }
  const bool known = kind == "!!int" || kind == "!!bool" || kind == "!!float" || kind == "!!timestamp";
  if (known) {
    report("PIER1005", "invalid " + kind.substr(2) + " value: " + text, place,
           kind == "!!int" ? "integers have at most 64 bits; put it in quotes if it is a text" : "");
  } else {
    report("PIER1005", "unknown tag: " + kind, place, "remove the tag");
  }
  return Value(text, place);
}

} // namespace pier::bundles
