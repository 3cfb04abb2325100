#pragma once

#include "core/base/diagnostics.hpp"
#include "core/base/json.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pier::bundles {

/// Where a value or key was written. Cheap to copy: the name lives in SourceNames, which must outlive it.
struct Place {
  const std::string* file = nullptr;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t length = 0; ///< characters on the first line, 0: a point

  [[nodiscard]] bool known() const { return file != nullptr; }

  [[nodiscard]] SourceSpan to_span() const;
  bool operator==(const Place&) const = default;
};

/// Keeps each file name once, at a stable address.
class SourceNames {
 public:
  const std::string* intern(std::string_view name);

 private:
  std::deque<std::string> names_;
};

enum class ValueKind { nil, boolean, integer, number, text, time, list, map };

/// "map", "sequence", "string", "bool", "int", "float", "time", "nil": the words of messages.
std::string_view kind_word(ValueKind kind);

class Value;

/// A date or time as it was written.
struct TimeText {
  std::string text;
  bool operator==(const TimeText&) const = default;
};

/// Entries of a mapping in the order of the source, with fast lookup also for very large ones.
class Mapping {
 public:
  struct Entry;

  Mapping();
  Mapping(const Mapping& other);
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(const Mapping& other);
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  [[nodiscard]] const Entry* find(std::string_view key) const;
  [[nodiscard]] Entry* find(std::string_view key);
  /// Replaces the value and place of a key (its position stays), or appends.
  Entry& set(std::string_view key, Place place, Value value);
  void erase(std::string_view key);

  [[nodiscard]] std::vector<Entry>& entries() { return entries_; }

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

  [[nodiscard]] std::size_t size() const;
  /// Must be called after entries() was changed in number or order.
  void reindex();

 private:
  class Index;

  std::vector<Entry> entries_;
  std::unique_ptr<Index> index_; ///< only when there are many entries
};

/// One node of a configuration tree: what YAML said, and where. Copies are deep.
class Value {
 public:
  using List = std::vector<Value>;

  Value() = default;

  template <class T>
  explicit Value(T data, Place place = {})
      : data_(std::move(data)),
        place_(place) {}

  static Value text(std::string_view text, Place place = {}) { return Value(std::string(text), place); }

  static Value integer(std::int64_t number, Place place = {}) { return Value(number, place); }

  static Value boolean(bool flag, Place place = {}) { return Value(flag, place); }

  static Value map(Place place = {}) { return Value(Mapping(), place); }

  static Value list(Place place = {}) { return Value(List(), place); }

  static Value from_json(const Json& json, Place place = {});

  [[nodiscard]] ValueKind kind() const { return static_cast<ValueKind>(data_.index()); }

  [[nodiscard]] bool is_nil() const { return kind() == ValueKind::nil; }

  [[nodiscard]] bool is_text() const { return kind() == ValueKind::text; }

  [[nodiscard]] bool is_integer() const { return kind() == ValueKind::integer; }

  [[nodiscard]] bool is_boolean() const { return kind() == ValueKind::boolean; }

  [[nodiscard]] bool is_list() const { return kind() == ValueKind::list; }

  [[nodiscard]] bool is_map() const { return kind() == ValueKind::map; }

  [[nodiscard]] bool as_boolean() const { return std::get<bool>(data_); }

  [[nodiscard]] std::int64_t as_integer() const { return std::get<std::int64_t>(data_); }

  [[nodiscard]] double as_number() const { return std::get<double>(data_); }

  [[nodiscard]] const std::string& as_text() const { return std::get<std::string>(data_); }

  [[nodiscard]] std::string& as_text() { return std::get<std::string>(data_); }

  [[nodiscard]] const std::string& as_time() const { return std::get<TimeText>(data_).text; }

  [[nodiscard]] const List& as_list() const { return std::get<List>(data_); }

  [[nodiscard]] List& as_list() { return std::get<List>(data_); }

  [[nodiscard]] const Mapping& as_map() const { return std::get<Mapping>(data_); }

  [[nodiscard]] Mapping& as_map() { return std::get<Mapping>(data_); }

  /// Keeps the places, replaces the data.
  template <class T> void assign(T data) { data_ = std::move(data); }

  void assign_data_of(Value other) { data_ = std::move(other.data_); }

  /// Member of a map; nullptr when absent or when this is no map.
  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] Value* find(std::string_view key);
  /// Member by a chain of keys.
  [[nodiscard]] const Value* find_path(std::initializer_list<std::string_view> keys) const;
  [[nodiscard]] Value* find_path(std::initializer_list<std::string_view> keys);
  /// The member's text, empty when absent or no text.
  [[nodiscard]] std::string text_of(std::string_view key) const;
  /// Member for writing; nil becomes a map, an absent member is made.
  Value& member(std::string_view key);
  Value& set(std::string_view key, Value value, Place key_place = {});

  [[nodiscard]] const Place& place() const { return place_; }

  void set_place(Place place) { place_ = place; }

  /// All places that made this value, the deciding one first.
  [[nodiscard]] std::vector<Place> places() const;
  [[nodiscard]] std::vector<SourceSpan> spans() const;
  void add_places_of(const Value& other);
  void take_places_of(const Value& other);

  [[nodiscard]] bool anchored() const { return anchored_; }

  void mark_anchored() { anchored_ = true; }

  /// Shown as `[redacted]` in output.
  [[nodiscard]] bool secret() const { return secret_; }

  void mark_secret() { secret_ = true; }

  [[nodiscard]] Json to_json(bool reveal_secrets = false) const;
  /// Nodes in this tree, itself included.
  [[nodiscard]] std::size_t count_nodes() const;

  /// Same data; places do not count.
  [[nodiscard]] bool same_data(const Value& other) const;

 private:
  struct MorePlaces {
    std::unique_ptr<std::vector<Place>> list;
    MorePlaces() = default;
    MorePlaces(const MorePlaces& other);
    MorePlaces(MorePlaces&&) noexcept = default;
    MorePlaces& operator=(const MorePlaces& other);
    MorePlaces& operator=(MorePlaces&&) noexcept = default;
    ~MorePlaces() = default;
  };

  std::variant<std::monostate, bool, std::int64_t, double, std::string, TimeText, List, Mapping> data_;
  Place place_;
  MorePlaces more_;
  bool anchored_ = false;
  bool secret_ = false;
};

struct Mapping::Entry {
  std::string key;
  Place place;
  Value value;
};

} // namespace pier::bundles
