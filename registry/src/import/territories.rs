//! Rows of territories.

use entities::{change::SubjectType, territory::Kind};

use super::{
    file::Row,
    mapping::TerritoryMapping,
    row::{Import, one_line},
    row_error::{Code, Problem, RowResult, refuse},
};
use crate::{change_log::ChangeSet, model::Territory, snapshot::Snapshot};

/// Most levels of a territory tree.
const MAX_DEPTH: usize = 10;

impl Import {
    /// First pass: the territory itself.
    pub(super) fn take_territory(&mut self, change_set: &mut ChangeSet, row: &Row) -> RowResult<()> {
        let mapping = self.mapping.territory.clone().expect("checked when the import began");
        let kind: Option<Kind> = self.member(row, "kind", &Some(mapping.kind.clone()))?;
        let (Some(code), Some(name), Some(kind)) =
            (mapping.code.text(row, &self.columns), mapping.name.text(row, &self.columns), kind)
        else {
            return refuse(
                Code::MissingValue,
                "The row has no code, no name or no kind.",
                "Fill in all three.",
            );
        };
        let name = one_line("name", &name)?;
        let known = change_set.snapshot().territory_by_code(&code).cloned();
        let mut territory = match known.as_deref() {
            Some(known) => known.clone(),
            None => self.new_territory(change_set, &code, kind, &name),
        };
        if let Some(first) = known.as_ref().and_then(|known| self.seen_territories.get(&known.id)) {
            let text = format!("Row {first} already has the territory `{code}`.");
            return refuse(Code::DuplicateInFile, text, "Keep one of the rows.");
        }
        let keeps = |field: &str| known.is_some() && mapping.keep.iter().any(|kept| kept == field);
        if !keeps("kind") {
            territory.kind = kind;
        }
        if !keeps("name") {
            territory.name = name;
        }
        self.fill_territory(row, &mapping, &mut territory, keeps)?;
        self.check_not_stale(change_set, row, (SubjectType::Territory, territory.id), &territory)?;
        let id = territory.id;
        change_set.upsert(territory, None)?;
        self.seen_territories.insert(id, row.number);
        self.seen.insert((SubjectType::Territory, id));
        let parent = self.boxed(row, &mapping.parent);
        self.territory_parents.extend(parent.map(|parent| (id, parent)));
        Ok(())
    }

    fn new_territory(&self, change_set: &ChangeSet, code: &str, kind: Kind, name: &str) -> Territory {
        Territory {
            id: change_set.next_territory_id(),
            code: code.into(),
            kind,
            name: name.into(),
            names: Default::default(),
            parent_id: None,
            timezone: None,
            population: None,
            population_date: None,
            population_source: None,
            coordinating_centre: None,
            scheme_codes: Default::default(),
            source: self.source.clone(),
            updated_at: change_set.now(),
        }
    }

    /// Sets the mapped fields other than code, kind and name.
    fn fill_territory(
        &self,
        row: &Row,
        mapping: &TerritoryMapping,
        territory: &mut Territory,
        keeps: impl Fn(&str) -> bool,
    ) -> RowResult<()> {
        for (field, value, slot) in [
            ("timezone", &mapping.timezone, &mut territory.timezone),
            ("population_source", &mapping.population_source, &mut territory.population_source),
            ("coordinating_centre", &mapping.coordinating_centre, &mut territory.coordinating_centre),
        ] {
            if let Some(text) = self.boxed(row, value).filter(|_| !(slot.is_some() && keeps(field))) {
                *slot = Some(text);
            }
        }
        if let Some(population) = self.number(row, &mapping.population, "people")?
            && !(territory.population.is_some() && keeps("population"))
        {
            territory.population = Some(population);
        }
        if let Some(date) = self.day(row, &mapping.population_date)?
            && !(territory.population_date.is_some() && keeps("population_date"))
        {
            territory.population_date = Some(date);
        }
        for (values, slot) in
            [(&mapping.names, &mut territory.names), (&mapping.codes, &mut territory.scheme_codes)]
        {
            let found = values.iter().filter_map(|(key, value)| Some((key, value.text(row, &self.columns)?)));
            slot.extend(found.map(|(key, text)| (key.as_str().into(), text.into())));
        }
        Ok(())
    }

    /// Second pass, after all rows are imported: the territory's parent.
    pub(super) fn set_parent_of_territory(&mut self, change_set: &mut ChangeSet, row: &Row) -> RowResult<()> {
        let mapping = self.mapping.territory.clone().expect("checked when the import began");
        let (Some(code), Some(parent)) =
            (mapping.code.text(row, &self.columns), self.text(row, &mapping.parent))
        else {
            return Ok(());
        };
        let Some(territory) = change_set.snapshot().territory_by_code(&code).cloned() else { return Ok(()) };
        if self.seen_territories.get(&territory.id) != Some(&row.number) {
            return Ok(());
        }
        if territory.parent_id.is_some() && mapping.keep.iter().any(|kept| kept == "parent") {
            return Ok(());
        }
        let parent_id = match self.parent_of_territory(change_set.snapshot(), &territory, &code, &parent) {
            Ok(Some(parent_id)) => parent_id,
            Ok(None) => {
                self.deferred.insert(row.number);
                return Ok(());
            }
            Err(problem) => {
                self.warned.push(problem);
                return Ok(());
            }
        };
        let with_parent = Territory { parent_id: Some(parent_id), ..Territory::clone(&territory) };
        let subject = (SubjectType::Territory, territory.id);
        if self.is_current(change_set, row, subject, &with_parent, "The parent was not changed.")? {
            change_set.upsert(with_parent, None)?;
        }
        Ok(())
    }

    /// The parent; `None` while other territories must move first.
    fn parent_of_territory(
        &self,
        snapshot: &Snapshot,
        territory: &Territory,
        code: &str,
        parent: &str,
    ) -> Result<Option<i64>, Problem> {
        let Some(parent) = snapshot.territory_by_code(parent) else {
            let text = format!("There is no territory `{parent}`; `{code}` was imported without a parent.");
            let advice = "Add the parent to the file or to the registry, and import again.";
            return Err(Problem::new(Code::ParentNotFound, text, advice));
        };
        // The ancestors after the whole file is imported, and the current ones.
        let by_file = |id: &i64| match self.territory_parents.get(id) {
            Some(code) => snapshot.territory_by_code(code).map(|it| it.id),
            None => snapshot.territory(*id)?.parent_id,
        };
        let now = |id: &i64| snapshot.territory(*id)?.parent_id;
        let will_be: Vec<i64> = std::iter::successors(Some(parent.id), by_file).take(MAX_DEPTH + 1).collect();
        let above: Vec<i64> = std::iter::successors(Some(parent.id), now).take(MAX_DEPTH + 1).collect();
        if will_be.contains(&territory.id) {
            let text = format!("`{code}` would be its own ancestor; it was imported without a parent.");
            return Err(Problem::new(Code::TreeCycle, text, "Correct the parent."));
        }
        if above.contains(&territory.id) {
            return Ok(None);
        }
        // Its descendants move with it.
        let below = snapshot.height_of_territory(territory.id, MAX_DEPTH);
        if above.len() + below > MAX_DEPTH {
            let text = format!("`{code}` would be too deep in the tree; it was imported without a parent.");
            return Err(Problem::new(Code::TreeTooDeep, text, "Correct the parent."));
        }
        Ok(Some(parent.id))
    }
}
