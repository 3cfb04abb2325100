#include "bundles/yaml/value.hpp"

#include <doctest/doctest.h>

using namespace pier::bundles;

namespace {

constexpr int k_many = 100; // above the number of entries from which an index helps

std::string key_of(int number) {
  return "key_" + std::to_string(number);
}

Mapping many() {
  Mapping mapping;
  for (int i = 0; i < k_many; ++i) {
    mapping.set(key_of(i), {}, Value::integer(i));
  }
  return mapping;
}

std::int64_t at(const Mapping& mapping, int number) {
  const auto* entry = mapping.find(key_of(number));
  return entry == nullptr ? -1 : entry->value.as_integer();
}

} // namespace

TEST_CASE("a large mapping finds what was set, replaced and erased") {
  auto mapping = many();
  mapping.set(key_of(50), {}, Value::integer(1050));
  mapping.erase(key_of(7));
  CHECK(mapping.size() == k_many - 1);
  CHECK(at(mapping, 0) == 0);
  CHECK(at(mapping, 7) == -1);
  CHECK(at(mapping, 8) == 8);
  CHECK(at(mapping, 50) == 1050);
  CHECK(at(mapping, k_many - 1) == k_many - 1);
}

TEST_CASE("a copy of a large mapping is independent") {
  const auto original = many();
  Mapping copy;
  copy.set("other", {}, Value::integer(1));
  copy = original;
  copy.set(key_of(3), {}, Value::integer(1003));
  copy.erase(key_of(4));
  copy.set("more", {}, Value::integer(2));
  CHECK(at(original, 3) == 3);
  CHECK(at(original, 4) == 4);
  CHECK(original.find("more") == nullptr);
  CHECK(copy.find("other") == nullptr);
  CHECK(at(copy, 3) == 1003);
  CHECK(at(copy, 5) == 5);
}

TEST_CASE("a mapping that was moved can be filled again") {
  auto from = many();
  const auto to = std::move(from);
  from = Mapping();
  from.set(key_of(1), {}, Value::integer(11));
  CHECK(at(from, 1) == 11);
  CHECK(at(from, 2) == -1);
  CHECK(at(to, 2) == 2);
}

TEST_CASE("a mapping that shrinks below the size of an index still finds its entries") {
  auto mapping = many();
  for (int i = 3; i < k_many; ++i) {
    mapping.erase(key_of(i));
  }
  CHECK(at(mapping, 2) == 2);
  CHECK(at(mapping, 3) == -1);
}
