#include "bundles/yaml/value.hpp"

#include <algorithm>
#include <functional>
#include <unordered_map>

namespace pier::bundles {
namespace {

/// Below this a linear search is faster than a hash.
constexpr std::size_t k_index_from = 24;

} // namespace

SourceSpan Place::to_span() const {
  if (file == nullptr) {
    return {};
  }
  return {*file, line, column, line, column + length};
}

const std::string* SourceNames::intern(std::string_view name) {
  const auto it = std::find(names_.begin(), names_.end(), name);
  return it != names_.end() ? &*it : &names_.emplace_back(name);
}

std::string_view kind_word(ValueKind kind) {
  switch (kind) {
  case ValueKind::boolean: return "bool";
  case ValueKind::integer: return "int";
  case ValueKind::number: return "float";
  case ValueKind::text: return "string";
  case ValueKind::time: return "time";
  case ValueKind::list: return "sequence";
  case ValueKind::map: return "map";
  case ValueKind::nil: break;
  }
  return "nil";
}

/// Where the entry of each key stands.
class Mapping::Index {
 public:
  explicit Index(const std::vector<Entry>& entries) {
    positions_.reserve(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      add(entries[i].key, i);
    }
  }

  void add(const std::string& key, std::size_t position) { positions_.emplace(key, position); }

  /// SIZE_MAX: no such key.
  [[nodiscard]] std::size_t position_of(std::string_view key) const {
    const auto it = positions_.find(key);
    return it == positions_.end() ? SIZE_MAX : it->second;
  }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> positions_;
};

Mapping::Mapping() = default;
Mapping::Mapping(Mapping&& other) noexcept = default;
Mapping& Mapping::operator=(Mapping&& other) noexcept = default;
Mapping::~Mapping() = default;

Mapping::Mapping(const Mapping& other)
    : entries_(other.entries_) {
  reindex();
}

Mapping& Mapping::operator=(const Mapping& other) {
  Mapping copy(other);
  return *this = std::move(copy);
}

std::size_t Mapping::size() const {
  return entries_.size();
}

const Mapping::Entry* Mapping::find(std::string_view key) const {
  if (index_) {
    const auto position = index_->position_of(key);
    return position == SIZE_MAX ? nullptr : &entries_[position];
  }
  const auto it = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.key == key; });
  return it == entries_.end() ? nullptr : &*it;
}

Mapping::Entry* Mapping::find(std::string_view key) {
  return const_cast<Entry*>(std::as_const(*this).find(key));
}

Mapping::Entry& Mapping::set(std::string_view key, Place place, Value value) {
  if (Entry* entry = find(key)) {
    entry->place = place;
    entry->value = std::move(value);
    return *entry;
  }
  entries_.push_back({std::string(key), place, std::move(value)});
  if (index_) {
    index_->add(entries_.back().key, entries_.size() - 1);
  } else if (entries_.size() >= k_index_from) {
    reindex();
  }
  return entries_.back();
}

void Mapping::erase(std::string_view key) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.key == key; });
  reindex();
}

void Mapping::reindex() {
  index_ = entries_.size() < k_index_from ? nullptr : std::make_unique<Index>(entries_);
}

Value::MorePlaces::MorePlaces(const MorePlaces& other)
    : list(other.list ? std::make_unique<std::vector<Place>>(*other.list) : nullptr) {}

Value::MorePlaces& Value::MorePlaces::operator=(const MorePlaces& other) {
  MorePlaces copy(other);
  list = std::move(copy.list);
  return *this;
}

Value Value::from_json(const Json& json, Place place) {
  if (json.is_bool()) {
    return Value(json.as_bool(), place);
  }
  if (json.is_integer()) {
    return Value(json.as_integer(), place);
  }
  if (json.is_double()) {
    return Value(json.as_double(), place);
  }
  if (json.is_string()) {
    return Value(json.as_string(), place);
  }
  if (json.is_array()) {
    List items;
    for (const auto& item : json.as_array()) {
      items.push_back(from_json(item, place));
    }
    return Value(std::move(items), place);
  }
  if (json.is_object()) {
    Mapping members;
    for (const auto& [key, member] : json.as_object()) {
      members.set(key, place, from_json(member, place));
    }
    return Value(std::move(members), place);
  }
  Value nil;
  nil.place_ = place;
  return nil;
}

const Value* Value::find(std::string_view key) const {
  if (!is_map()) {
    return nullptr;
  }
  const auto* entry = as_map().find(key);
  return entry == nullptr ? nullptr : &entry->value;
}

Value* Value::find(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).find(key));
}

const Value* Value::find_path(std::initializer_list<std::string_view> keys) const {
  const Value* value = this;
  for (const auto key : keys) {
    value = value->find(key);
    if (value == nullptr) {
      return nullptr;
    }
  }
  return value;
}

Value* Value::find_path(std::initializer_list<std::string_view> keys) {
  return const_cast<Value*>(std::as_const(*this).find_path(keys));
}

std::string Value::text_of(std::string_view key) const {
  const Value* value = find(key);
  return value != nullptr && value->is_text() ? value->as_text() : std::string();
}

Value& Value::member(std::string_view key) {
  if (is_nil()) {
    data_ = Mapping();
  }
  if (Value* value = find(key)) {
    return *value;
  }
  return as_map().set(key, {}, Value()).value;
}

Value& Value::set(std::string_view key, Value value, Place key_place) {
  if (is_nil()) {
    data_ = Mapping();
  }
  return as_map().set(key, key_place, std::move(value)).value;
}

std::vector<Place> Value::places() const {
  std::vector<Place> all;
  if (place_.known()) {
    all.push_back(place_);
  }
  if (more_.list) {
    all.insert(all.end(), more_.list->begin(), more_.list->end());
  }
  return all;
}

std::vector<SourceSpan> Value::spans() const {
  std::vector<SourceSpan> spans;
  for (const auto& place : places()) {
    spans.push_back(place.to_span());
  }
  return spans;
}

void Value::add_places_of(const Value& other) {
  for (const auto& place : other.places()) {
    if (!place_.known()) {
      place_ = place;
      continue;
    }
    const auto all = places();
    if (std::find(all.begin(), all.end(), place) == all.end()) {
      if (!more_.list) {
        more_.list = std::make_unique<std::vector<Place>>();
      }
      more_.list->push_back(place);
    }
  }
}

void Value::take_places_of(const Value& other) {
  place_ = other.place_;
  more_ = other.more_;
}

Json Value::to_json(bool reveal_secrets) const {
  switch (kind()) {
  case ValueKind::nil: return {};
  case ValueKind::boolean: return as_boolean();
  case ValueKind::integer: return as_integer();
  case ValueKind::number: return as_number();
  case ValueKind::text: return secret_ && !reveal_secrets ? Json("[redacted]") : Json(as_text());
  case ValueKind::time: return as_time();
  case ValueKind::list: {
    Json::Array items;
    items.reserve(as_list().size());
    for (const auto& item : as_list()) {
      items.push_back(item.to_json(reveal_secrets));
    }
    return items;
  }
  case ValueKind::map: break;
  }
  Json::Object members;
  for (const auto& entry : as_map().entries()) {
    members.insert_or_assign(entry.key, entry.value.to_json(reveal_secrets));
  }
  return members;
}

std::size_t Value::count_nodes() const {
  std::size_t count = 1;
  if (is_list()) {
    for (const auto& item : as_list()) {
      count += item.count_nodes();
    }
  } else if (is_map()) {
    for (const auto& entry : as_map().entries()) {
      count += entry.value.count_nodes();
    }
  }
  return count;
}

bool Value::same_data(const Value& other) const {
  if (kind() != other.kind()) {
    return false;
  }
  if (is_list()) {
    const auto same = [](const Value& a, const Value& b) { return a.same_data(b); };
    return std::equal(as_list().begin(), as_list().end(), other.as_list().begin(), other.as_list().end(), same);
  }
  if (is_map()) {
    return as_map().size() == other.as_map().size() &&
           std::all_of(as_map().entries().begin(), as_map().entries().end(), [&](const Mapping::Entry& entry) {
             const Value* theirs = other.find(entry.key);
             return theirs != nullptr && entry.value.same_data(*theirs);
           });
  }
  return to_json(true) == other.to_json(true);
}

} // namespace pier::bundles
