use super::*;

fn now_or_never(budget: &Arc<Budget>) -> Option<Permit> {
    let mut acquire = Box::pin(budget.acquire());
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match acquire.as_mut().poll(&mut cx) {
        std::task::Poll::Ready(permit) => Some(permit),
        std::task::Poll::Pending => None,
    }
}

async fn take(budget: &Arc<Budget>, count: usize) -> Vec<Permit> {
    let mut permits = Vec::new();
    for _ in 0..count {
        permits.push(budget.acquire().await);
    }
    permits
}

#[tokio::test(start_paused = true)]
async fn a_place_that_is_given_back_goes_to_who_waits() {
    let budget = Arc::new(Budget::new());
    let mut permits = take(&budget, MOST).await;
    assert!(now_or_never(&budget).is_none());
    let waiting = tokio::spawn({
        let budget = budget.clone();
        async move { budget.acquire().await }
    });
    tokio::task::yield_now().await;
    permits.pop();
    waiting.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_refusal_halves_the_budget_and_pauses_as_asked() {
    let budget = Arc::new(Budget::new());
    let permits = take(&budget, 4).await;
    for _ in 0..4 {
        budget.hold(Some(Duration::from_secs(7)));
    }
    assert_eq!(budget.held(), Some(Duration::from_secs(7)), "refused together counts once");
    drop(permits);
    let started = Instant::now();
    let permits = take(&budget, 2).await;
    assert_eq!(started.elapsed().as_secs(), 7);
    assert!(now_or_never(&budget).is_none(), "two at once are left of four");
    assert_eq!(budget.held(), None);
    for _ in 0..GOOD {
        budget.thank();
    }
    assert!(now_or_never(&budget).is_some(), "good answers widen it again");
    drop(permits);
}

#[tokio::test(start_paused = true)]
async fn without_a_time_pauses_double_and_stay_bounded() {
    let budget = Arc::new(Budget::new());
    let mut pauses = Vec::new();
    for _ in 0..40 {
        let permit = budget.acquire().await;
        budget.hold(None);
        drop(permit);
        pauses.push(budget.held().unwrap().as_secs());
    }
    assert_eq!(pauses[..8], [1, 2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(pauses[39], 60);
    budget.hold(Some(Duration::MAX));
    assert_eq!(budget.held(), Some(LONGEST_ASKED));
}
