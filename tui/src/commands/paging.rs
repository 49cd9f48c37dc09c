//! Lists that are longer than a page, fetched page by page.

use spanwalk_api::{
    Completeness, CutReason, LogsParams, LogsResponse, SearchParams, SearchResponse,
};

use crate::client::{Client, ClientError};

/// Traces in a page at most, as the API says.
const TRACES_MAX: u32 = 1_000;
/// Log records in a page at most, as the API says.
const LOGS_MAX: u32 = 10_000;

/// Traces, up to a limit.
///
/// # Errors
/// As every call of the client.
pub(super) async fn traces(
    client: &Client,
    params: &SearchParams,
    limit: u64,
) -> Result<SearchResponse, ClientError> {
    let mut params = params.clone();
    let mut all = SearchResponse::default();
    let mut pages = Pages::new(limit, TRACES_MAX);
    while let Some(page_limit) = pages.next_limit(all.traces.len()) {
        params.limit = Some(page_limit);
        let page = client.search(&params).await?;
        pages.add(
            &page.completeness,
            page.next_cursor.clone(),
            page.traces.is_empty(),
        );
        all.traces.extend(page.traces);
        add_notes(&mut all.notes, page.notes);
        params.cursor.clone_from(&pages.cursor);
    }
    all.completeness = pages.completeness(all.traces.len());
    all.next_cursor = pages.cursor;
    Ok(all)
}

/// Log records, up to a limit.
///
/// # Errors
/// As every call of the client.
pub(super) async fn logs(
    client: &Client,
    params: &LogsParams,
    limit: u64,
) -> Result<LogsResponse, ClientError> {
    let mut params = params.clone();
    let mut all = LogsResponse::default();
    let mut pages = Pages::new(limit, LOGS_MAX);
    while let Some(page_limit) = pages.next_limit(all.logs.len()) {
        params.limit = Some(page_limit);
        let page = client.logs(&params).await?;
        pages.add(
            &page.completeness,
            page.next_cursor.clone(),
            page.logs.is_empty(),
        );
        all.logs.extend(page.logs);
        add_notes(&mut all.notes, page.notes);
        params.cursor.clone_from(&pages.cursor);
    }
    all.completeness = pages.completeness(all.logs.len());
    all.next_cursor = pages.cursor;
    Ok(all)
}

fn add_notes(all: &mut Vec<String>, more: Vec<String>) {
    for note in more {
        if !all.contains(&note) {
            all.push(note);
        }
    }
}

/// What the pages so far said.
struct Pages {
    limit: u64,
    page_max: u32,
    is_first: bool,
    cursor: Option<String>,
    sum: Completeness,
}

impl Pages {
    fn new(limit: u64, page_max: u32) -> Self {
        Self {
            limit,
            page_max,
            is_first: true,
            cursor: None,
            sum: Completeness::default(),
        }
    }

    /// How many to ask for next; `None` where no more are wanted, or there are no more.
    fn next_limit(&self, shown: usize) -> Option<u32> {
        let left = self.limit.saturating_sub(shown as u64);
        if left == 0 || (!self.is_first && self.cursor.is_none()) {
            return None;
        }
        Some(u32::try_from(left).unwrap_or(u32::MAX).min(self.page_max))
    }

    fn add(&mut self, page: &Completeness, cursor: Option<String>, is_empty: bool) {
        let sum = &mut self.sum;
        // Every page says how many match in all; where one stopped early, the highest bound is
        // the best that is known.
        sum.matched = sum.matched.max(page.matched);
        sum.estimate = if self.is_first {
            page.estimate
        } else {
            sum.estimate && page.estimate
        };
        sum.scanned = sum.scanned.saturating_add(page.scanned);
        sum.cut = page.cut;
        sum.newest_ns = sum.newest_ns.max(page.newest_ns);
        // A page without anything on it would be asked for again and again.
        let does_lead_on = !is_empty && page.cut != Some(CutReason::Timeout);
        self.cursor = cursor.filter(|_| does_lead_on);
        self.is_first = false;
    }

    /// What holds for all that is shown.
    fn completeness(&self, shown: usize) -> Completeness {
        let returned = shown as u64;
        let mut sum = self.sum.clone();
        sum.returned = returned;
        sum.matched = sum.matched.max(returned);
        if self.cursor.is_some() {
            sum.cut = Some(CutReason::Limit);
        } else if sum.cut.is_none() && sum.estimate {
            // Everything was fetched to the end, so what is here is all there is.
            sum.estimate = false;
            sum.matched = returned;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(matched: u64, estimate: bool, cut: Option<CutReason>) -> Completeness {
        Completeness {
            matched,
            estimate,
            cut,
            scanned: 10,
            ..Completeness::default()
        }
    }

    #[test]
    fn pages_are_asked_for_until_the_limit_or_the_end() {
        let mut pages = Pages::new(25, 10);
        let limit = Some(CutReason::Limit);
        assert_eq!(pages.next_limit(0), Some(10));
        pages.add(&page(11, true, limit), Some("a".to_owned()), false);
        assert_eq!(pages.next_limit(10), Some(10));
        pages.add(&page(21, true, limit), Some("b".to_owned()), false);
        assert_eq!(pages.next_limit(20), Some(5));
        let so_far = pages.completeness(20);
        assert_eq!((so_far.matched, so_far.estimate), (21, true));
        pages.add(&page(22, true, None), None, false);
        assert_eq!(pages.next_limit(22), None);
        let all = pages.completeness(22);
        assert_eq!((all.matched, all.estimate, all.cut), (22, false, None));
        assert_eq!((all.scanned, all.returned), (30, 22));
    }

    #[test]
    fn a_page_that_holds_nothing_ends_the_list() {
        let mut pages = Pages::new(25, 10);
        pages.add(&page(5, false, None), Some("again".to_owned()), true);
        assert_eq!(pages.next_limit(0), None);
    }

    #[test]
    fn an_answer_that_ran_out_of_time_stays_a_bound() {
        let mut pages = Pages::new(25, 10);
        pages.add(
            &page(5, true, Some(CutReason::Timeout)),
            Some("x".to_owned()),
            false,
        );
        assert_eq!(pages.next_limit(5), None);
        let all = pages.completeness(5);
        assert_eq!((all.estimate, all.cut), (true, Some(CutReason::Timeout)));
    }
}
