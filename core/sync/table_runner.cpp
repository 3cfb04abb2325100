#include "core/sync/table_runner.hpp"

#include "core/base/log.hpp"
#include "core/base/text.hpp"

namespace pier::sync {
namespace {

TableTarget target_of(const SyncedTable& table) {
  return {.schema = table.name.schema,
          .table = table.name.table,
          .source = table.source.to_string(),
          .readers_role = lakebase::synced_readers_role(table.database)};
}

void report(const Result<void>& stored) {
  if (!stored) {
    log::error("sync", "event=state_not_stored error=" + stored.error().to_string());
  }
}

} // namespace

std::vector<catalog::ColumnInfo> catalog_columns(const std::vector<lake::Field>& fields) {
  std::vector<catalog::ColumnInfo> out;
  for (const auto& field : fields) {
    out.push_back({.name = field.name,
                   .type_text = field.type.to_catalog(),
                   .type_name = field.type.type_name(),
                   .type_json = field.type.to_json(),
                   .nullable = field.nullable,
                   .comment = field.comment});
  }
  return out;
}

bool SyncedTable::has_failed() const {
  return state == table_state::k_failed || state == table_state::k_failed_at_first;
}

TableRunner::TableRunner(Registry& registry, catalog::Catalog& catalog, lake::Lake& lake, lakebase::Lakebase& lakebase,
                         const Clock& clock)
    : registry_(registry),
      catalog_(catalog),
      lake_(lake),
      lakebase_(lakebase),
      clock_(clock) {}

void TableRunner::run(const std::string& name, bool full, const std::stop_token& stop) {
  const auto table = registry_.table(name);
  if (!table) {
    return; // deleted meanwhile
  }
  const bool first = !table->version;
  const auto outcome = run_table(*table, full || table->policy == SchedulingPolicy::snapshot, stop);
  if (outcome) {
    std::string message = std::to_string(outcome->changed) + (outcome->snapshot ? " rows loaded" : " rows changed");
    if (outcome->skipped > 0) {
      message += ", " + std::to_string(outcome->skipped) + " without primary key left out";
    }
    const auto state =
        table->policy == SchedulingPolicy::continuous ? table_state::k_online_continuous : table_state::k_online;
    const auto now = to_epoch_millis(clock_.now());
    report(registry_.set_synced(name, state, message, outcome->version, outcome->rows, now));
    if (outcome->snapshot) {
      report(update_catalog(*table, outcome->version));
    }
  } else if (outcome.error().kind == ErrorKind::interrupted && stop.stop_requested()) {
    log::info("sync", "event=stopped table=" + name); // its state makes the next daemon run it again
  } else {
    log::warn("sync", "event=failed table=" + name + " error=" + outcome.error().to_string());
    auto message = outcome.error().to_string();
    if (!outcome.error().hint.empty()) {
      message += "; " + outcome.error().hint;
    }
    report(registry_.set_state(name, first ? table_state::k_failed_at_first : table_state::k_failed, message));
  }
}

Result<void> TableRunner::update_catalog(const SyncedTable& table, std::int64_t version) {
  PIER_TRY_ASSIGN(const auto schema, lake_.schema(table.source, version));
  return catalog_.update_columns(table.name, catalog_columns(schema.columns));
}

Result<SyncOutcome> TableRunner::run_table(const SyncedTable& table, bool snapshot, const std::stop_token& stop) {
  PIER_TRY_ASSIGN(const auto lease, lakebase_.use(table.instance));
  if (table.version && table.policy != SchedulingPolicy::continuous) {
    PIER_TRY(registry_.set_state(table.name.to_string(), table_state::k_updating, "updating"));
  }
  PIER_TRY_ASSIGN(const auto version, lake_.latest_version(table.source));
  (*known_versions_.lock())[table.source.to_string()] = version;
  (*attempted_.lock())[table.name.to_string()] = version;
  const bool may_create = [&] {
    const auto* spec = table.spec.find("spec");
    return spec != nullptr && spec->get_bool("create_database_objects_if_missing");
  }();
  if (may_create) {
    PIER_TRY(lakebase_.create_database(table.instance, table.database, true));
  }
  SyncJob job{.source = table.source,
              .target = target_of(table),
              .key_columns = table.key_columns,
              .timeseries_key = table.timeseries_key,
              // A schema that the catalog has is made in the database, too.
              .may_create_schema = true,
              .id = replace_all(table.id, "-", ""),
              .stop = stop};
  PIER_TRY_ASSIGN(job.conninfo, lakebase_.system_connection(table.instance, table.database));
  return snapshot ? sync_snapshot(lake_, job, version) : sync_incremental(lake_, job, version);
}

bool TableRunner::is_behind(const SyncedTable& table) {
  const auto version = lake_.latest_version(table.source);
  if (!version) {
    return false;
  }
  (*known_versions_.lock())[table.source.to_string()] = *version;
  auto attempted = attempted_.lock();
  const auto found = attempted->find(table.name.to_string());
  const auto seen = found != attempted->end() ? std::optional(found->second) : table.version;
  return !seen || *version > *seen;
}

std::optional<std::int64_t> TableRunner::known_version(const model::TableName& source) {
  auto known = known_versions_.lock();
  const auto found = known->find(source.to_string());
  return found != known->end() ? std::optional(found->second) : std::nullopt;
}

Result<void> TableRunner::release(const SyncedTable& table, bool purge) {
  PIER_TRY_ASSIGN(const auto lease, lakebase_.use(table.instance));
  PIER_TRY_ASSIGN(const auto conninfo, lakebase_.system_connection(table.instance, table.database));
  PIER_TRY_ASSIGN(auto connection, lakebase::PgConnection::connect(conninfo));
  return release_table(connection, target_of(table), purge);
}

} // namespace pier::sync
